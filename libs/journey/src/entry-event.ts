import type { AcceptedEvent } from '@tidings/contracts';
import type { EntryEvent } from './run.js';

/** More of an event than any template shows; a run carries it for as long as it lives. */
const MAX_PROPERTIES_LENGTH = 8_192;

/** The event as a run keeps it: properties in their order, without those that would make it longer than 8 kB of JSON. */
export function entryEvent({ name, properties }: AcceptedEvent): EntryEvent {
  if (JSON.stringify(properties).length <= MAX_PROPERTIES_LENGTH) return { name, properties };
  let length = 2;
  const kept = Object.entries(properties).filter(([property, value]) => {
    const more = JSON.stringify({ [property]: value }).length;
    if (length + more > MAX_PROPERTIES_LENGTH) return false;
    length += more;
    return true;
  });
  return { name, properties: Object.fromEntries(kept) };
}
