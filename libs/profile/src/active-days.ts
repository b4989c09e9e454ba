/**
 * The UTC days on which something was received that counts as done by a person or says where they were, as days since 1970: the first
 * of them, a colon, and from it on four days in each hexadecimal digit, the earliest the lowest bit. Empty where there are none.
 */
export type ActiveDays = string;

/** Who has days further apart than so many loses the oldest: what was received that long ago is kept nowhere. */
export const MOST_ACTIVE_DAYS = 512;

/** The days with one more; the same text where it is among them. */
export const withDay = (days: ActiveDays, day: number): ActiveDays => (hasDay(days, day) ? days : written([...daysIn(days), day]));

/** The days of both. */
export function joinDays(a: ActiveDays, b: ActiveDays): ActiveDays {
  if (a === b || b === '') return a;
  return a === '' ? b : written([...daysIn(a), ...daysIn(b)]);
}

/** The days one by one, in order. */
export function daysIn(days: ActiveDays): readonly number[] {
  const { first, digits } = read(days);
  const found: number[] = [];
  for (let at = 0; at < 4 * digits.length; at += 1) if (isSet(digits, at)) found.push(first + at);
  return found;
}

function hasDay(days: ActiveDays, day: number): boolean {
  const { first, digits } = read(days);
  return day >= first && isSet(digits, day - first);
}

const read = (days: ActiveDays): { readonly first: number; readonly digits: string } => {
  const end = days.indexOf(':');
  return { first: end < 0 ? Infinity : Number(days.slice(0, end)), digits: days.slice(end + 1) };
};

const isSet = (digits: string, at: number): boolean => ((Number.parseInt(digits[at >> 2] ?? '0', 16) >> (at & 3)) & 1) === 1;

function written(days: readonly number[]): ActiveDays {
  const last = Math.max(...days);
  const kept = days.filter((day) => day > last - MOST_ACTIVE_DAYS);
  const first = Math.min(...kept);
  const digits = Array.from({ length: ((last - first) >> 2) + 1 }, () => 0);
  for (const day of kept) digits[(day - first) >> 2] = (digits[(day - first) >> 2] ?? 0) | (1 << ((day - first) & 3));
  return `${first}:${digits.map((digit) => digit.toString(16)).join('')}`;
}
