import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';

const MAX_KNOWN = 1_000;
const known = new Map<string, Zone>();

/** Whether there is a time zone of this name. */
export const isZone = (name: string): boolean => IANAZone.isValidZone(name);

/** The time zone of this name; UTC where there is none, or none that anybody knows. */
export function zoneOf(name: string | null): Zone {
  if (name === null) return FixedOffsetZone.utcInstance;
  const zone = known.get(name);
  if (zone !== undefined) return zone;
  // Senders make the names up: what is remembered of them has a bound.
  if (known.size >= MAX_KNOWN) known.clear();
  const made = isZone(name) ? IANAZone.create(name) : FixedOffsetZone.utcInstance;
  known.set(name, made);
  return made;
}
