import { randomUUID } from 'node:crypto';
import { Problem } from '@tidings/service';

/** The id of a request by its `Idempotency-Key`, or one of its own; throws a `Problem` for a key that is none. */
export function requestIdOf(key: string | undefined): string {
  if (key === undefined || key === '') return randomUUID();
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw Problem.ofStatus(400, 'Idempotency-Key must be at most 255 printable ASCII characters.');
}
