import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';

const MAX_KNOWN = 1_000;
const known = new Map<string, Zone | null>();

/** Whether there is a time zone of this name. */
export const isZone = (name: string): boolean => named(name) !== null;

/** The time zone of this name; UTC where there is none, or none that anybody knows. */
export const zoneOf = (name: string | null): Zone => (name === null ? null : named(name)) ?? FixedOffsetZone.utcInstance;

/** Looked up once: asking for a zone makes a formatter, which holds tens of kilobytes until it is collected. */
function named(name: string): Zone | null {
  const zone = known.get(name);
  if (zone !== undefined) return zone;
  // Senders make the names up: what is remembered of them has a bound.
  if (known.size >= MAX_KNOWN) known.clear();
  const made = IANAZone.isValidZone(name) ? IANAZone.create(name) : null;
  known.set(name, made);
  return made;
}
