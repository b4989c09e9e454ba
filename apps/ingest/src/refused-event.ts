import { deadLetter, type Envelope, type Outgoing } from '@tidings/bus';
import type { Refusal } from './accept/refusal.js';

/** Brokers take records of 1 MiB; the headers of a dead letter need room beside the bytes. */
const keptBytes = 1_000_000;

/** The fault of an event as a sentence: which field, and what of it; never what was in it. */
export const sentenceOf = ({ field, message }: Refusal): string => `${field === '' ? 'the event' : field} ${message}`;

/** The dead letter of a record that was refused: its bytes under its key, and why. */
export function refusedRecord(refusal: Refusal, record: Envelope<Buffer | null>): Outgoing {
  // Field by field, because the bus makes some of them only when asked: a copy by spreading would lack them.
  const { topic, partition, offset, key, headers, traceparent } = record;
  const bytes = record.value?.length ?? 0;
  const kept = bytes <= keptBytes;
  const reason = kept
    ? sentenceOf(refusal)
    : `${sentenceOf(refusal)} (its ${bytes} bytes are too many to be kept here)`;
  const message = { topic, partition, offset, key, headers, traceparent, value: kept ? record.value : null };
  return deadLetter(message, { reason, errorClass: 'Refusal', consumer: 'ingest', attempts: 1 });
}

/** An event of a batch that was refused while others of the batch were accepted. */
export interface RefusedEvent {
  readonly key: string;
  readonly raw: unknown;
  readonly path: string;
  readonly traceparent: string | null;
}

/** Its dead letter: the event's JSON, and why. It has no source topic to go back to; the path stands there instead. */
export function refusedAtHttp(refusal: Refusal, { key, raw, path, traceparent }: RefusedEvent): Outgoing {
  const source = { topic: `http:${path}`, partition: -1, offset: -1, key, headers: {}, traceparent };
  return deadLetter(
    { ...source, value: jsonOf(raw) },
    { reason: sentenceOf(refusal), errorClass: 'Refusal', consumer: 'ingest', attempts: 1 },
  );
}

/** Null for what is nested too deep to be written again: nobody could read it either. */
function jsonOf(raw: unknown): string | null {
  try {
    return JSON.stringify(raw);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
