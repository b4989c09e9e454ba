import { jsonFault, type SoundJson } from '@tidings/contracts';
import { Refusal } from './refusal.js';

/** What `jsonFault` says of a value, as a reason to refuse it. */
export function findFault(value: unknown, soundTexts = false): Refusal | SoundJson {
  const found = jsonFault(value, soundTexts);
  return found.kind === 'sound' ? found : new Refusal(found.place, found.message);
}
