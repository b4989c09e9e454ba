import { DateTime } from 'luxon';
import { zoneOf } from './zone.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

/** Offsets by zone and day in UTC, in ms; null on days on which the clocks change. */
const known = new Map<string | null, Map<number, number | null>>();
const MAX_KNOWN = 100_000;
let size = 0;

/** The day that a moment in ms is on by the calendar of a zone, as days since 1970. */
export const calendarDay = (at: number, timezone: string | null): number =>
  Math.floor((at + offsetOf(at, timezone)) / DAY);

/** The first instant of such a day in a zone, in ms: midnight, the first of two where the clocks go back over it, or where they skip it, the first instant after. */
export function dayBegins(day: number, timezone: string | null): number {
  const { year, month, day: ofMonth } = DateTime.fromMillis(day * DAY, { zone: 'utc' });
  let begins = DateTime.fromObject({ year, month, day: ofMonth }, { zone: zoneOf(timezone) })
    .startOf('day')
    .toMillis();
  while (calendarDay(begins - 1, timezone) === day) begins -= QUARTER;
  return begins;
}

/** Asking a zone takes a while, and years of days are asked for with every event. */
function offsetOf(at: number, timezone: string | null): number {
  const day = Math.floor(at / DAY);
  const days = daysOf(timezone);
  let offset = days.get(day);
  if (offset === undefined) {
    const [begins, ends] = [day * DAY, (day + 1) * DAY].map((moment) => zoneOf(timezone).offset(moment) * MINUTE);
    offset = begins === ends ? (begins ?? 0) : null;
    days.set(day, offset);
    size += 1;
  }
  return offset ?? zoneOf(timezone).offset(at) * MINUTE;
}

function daysOf(timezone: string | null): Map<number, number | null> {
  // Senders make zones up, and moments too: what is remembered of them has a bound.
  if (size >= MAX_KNOWN) {
    known.clear();
    size = 0;
  }
  const days = known.get(timezone) ?? new Map<number, number | null>();
  known.set(timezone, days);
  return days;
}
