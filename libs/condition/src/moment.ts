import { DateTime } from 'luxon';
import { zoneOf } from './zone.js';

/** A date, from its first instant to the first instant after it; or an instant, which is one millisecond long. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantForm = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** The span of a date or an instant in ms, dates as the calendar of the zone has them; null for anything else. */
export function spanOf(value: unknown, timezone: string | null): Span | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const at = instantOf(value);
  if (at !== null) return { from: at, until: at + 1 };
  const day = dayOf(value, timezone);
  if (day === null) return null;
  return { from: day.toMillis(), until: day.plus({ days: 1 }).startOf('day').toMillis() };
}

/** The first instant of a date, or the instant itself, in ms; null for anything else. */
export function momentOf(value: unknown, timezone: string | null): number | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  return instantOf(value) ?? dayOf(value, timezone)?.toMillis() ?? null;
}

/** The month and day of a date, or of an instant as the zone has it; null for anything else. */
export function dayOfYear(value: unknown, timezone: string | null): { month: number; day: number } | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const at = instantOf(value);
  const date = at === null ? dayOf(value, null) : DateTime.fromMillis(at, { zone: zoneOf(timezone) });
  return date === null ? null : { month: date.month, day: date.day };
}

function instantOf(text: string): number | null {
  const [, date] = instantForm.exec(text) ?? [];
  if (date === undefined || !isDay(date)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** `Date` would take the 30th of February for the 2nd of March. */
function isDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The beginning of the day: midnight, or where the clocks skip it, the first instant after. */
function dayOf(text: string, timezone: string | null): DateTime<true> | null {
  const [, year, month, day] = (dateForm.exec(text) ?? []).map(Number);
  const date = year === undefined ? null : DateTime.fromObject({ year, month, day }, { zone: zoneOf(timezone) });
  return date?.isValid ? date.startOf('day') : null;
}
