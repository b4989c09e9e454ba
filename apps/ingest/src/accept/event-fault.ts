import { findFault } from './find-fault.js';
import { limits } from './limits.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What is said of an event past the limit. */
export const eventTooLarge = `is larger than ${limits.eventBytes / 1024} KB`;

/**
 * Whatever is wrong with an event as JSON, before anybody asks what it means. `atMostBytes` spares the counting where
 * the door knows a bound, such as the length of the whole call.
 */
export function eventFault(raw: JsonObject, atMostBytes = Infinity): Refusal | null {
  const fault = findFault(raw);
  if (fault instanceof Refusal) return fault;
  if (Math.min(atMostBytes, fault.atMostBytes) <= limits.eventBytes) return null;
  return Buffer.byteLength(JSON.stringify(raw)) > limits.eventBytes ? new Refusal('', eventTooLarge) : null;
}
