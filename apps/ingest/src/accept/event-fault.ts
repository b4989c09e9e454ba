import { findFault } from './find-fault.js';
import { limits } from './limits.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What is said of an event past the limit. */
export const eventTooLarge = `is larger than ${limits.eventBytes / 1024} KB`;

/** What a door knows of an event's JSON beforehand, which spares finding it out. */
export interface KnownJson {
  /** How many bytes it has at most, such as those of the whole call; without it they are counted. */
  readonly atMostBytes?: number;
  /** Every text in it is Unicode without NUL. */
  readonly soundTexts?: boolean;
}

/** Whatever is wrong with an event as JSON, before anybody asks what it means. */
export function eventFault(raw: JsonObject, { atMostBytes = Infinity, soundTexts }: KnownJson = {}): Refusal | null {
  const fault = findFault(raw, soundTexts);
  if (fault instanceof Refusal) return fault;
  if (Math.min(atMostBytes, fault.atMostBytes) <= limits.eventBytes) return null;
  return Buffer.byteLength(JSON.stringify(raw)) > limits.eventBytes ? new Refusal('', eventTooLarge) : null;
}
