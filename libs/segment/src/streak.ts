import { calendarDay, dayBegins, type At } from '@tidings/condition';

/** A streak is followed back so many days from the last of them, in UTC. */
const KEPT_DAYS = 1_100;
/** No more days than this are forgiven. */
const MAX_FREEZE_DAYS = 30;
const DAY = 86_400_000;
const QUARTER = 900_000;
const QUARTERS = DAY / QUARTER;

/**
 * The days in UTC on which something was done. Of each the first and the last quarter of an hour in which it was: all that is
 * needed to know the days of any zone, whose midnights are on quarters of an hour.
 */
export interface Marked {
  /** A day, then three letters for it and each day that follows without a gap; the next day after a gap, and so on. */
  readonly marks: readonly (number | string)[];
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What some condition asks of a streak. */
export interface StreakAsk {
  readonly freezeDays: number;
  readonly holds: (days: number) => boolean;
}

/** What decides when a streak changes an answer. */
export interface Streaking {
  readonly asks: readonly StreakAsk[];
}

/** A day and its first and last quarter of an hour. */
type Mark = readonly [day: number, first: number, last: number];

/** The days after something was done at `at`. */
export function marked(before: Marked | undefined, how: Streaking, at: number, when: At): Marked {
  const marks = read(before);
  const day = Math.floor(at / DAY);
  const quarter = Math.floor((at - day * DAY) / QUARTER);
  let index = marks.length;
  while (index > 0 && (marks[index - 1]?.[0] ?? 0) > day) index--;
  const same = marks[index - 1];
  if (same?.[0] !== day) marks.splice(index, 0, [day, quarter, quarter]);
  else if (before !== undefined && quarter >= same[1] && quarter <= same[2]) return before;
  else marks[index - 1] = [day, Math.min(same[1], quarter), Math.max(same[2], quarter)];
  return settled(newest(marks), how, when);
}

/** The days as they are seen at a moment and in a zone. */
export const agedStreak = (before: Marked | undefined, how: Streaking, when: At): Marked =>
  settled(read(before), how, when);

/** How many days the streak has at a moment, by the calendar of a zone. */
export function streakIn(counter: Marked | undefined, freezeDays: number, { now, timezone }: At): number {
  return lengthOn(daysOf(read(counter), timezone), calendarDay(now, timezone), freezeDays);
}

/** The first moment, in ms, that the length of a streak at `now` can rest on. */
export const streakRestsOn = (now: number): number => now - (KEPT_DAYS + MAX_FREEZE_DAYS + 3) * DAY;

/**
 * The most days on which it was done, in a stretch up to this day of which no more were missed than are forgiven. The day
 * itself is not missed before it is over.
 */
function lengthOn(done: ReadonlySet<number>, today: number, freezeDays: number): number {
  let length = done.has(today) ? 1 : 0;
  let missed = 0;
  for (let day = today - 1; missed <= freezeDays; day--) {
    if (done.has(day)) length += 1;
    else missed += 1;
  }
  return length;
}

function settled(marks: readonly Mark[], { asks }: Streaking, { now, timezone }: At): Marked {
  if (asks.length === 0) return { marks: written(marks), flipsAt: null };
  const done = daysOf(marks, timezone);
  const today = calendarDay(now, timezone);
  const flips = asks.flatMap((ask) => flipOf(done, today, ask, { now, timezone }) ?? []);
  return { marks: written(marks), flipsAt: flips.length === 0 ? null : Math.min(...flips) };
}

/** The midnight at which the answer is another, if nothing is done until then. After all that is forgiven was missed, it is over. */
function flipOf(
  done: ReadonlySet<number>,
  today: number,
  { freezeDays, holds }: StreakAsk,
  { now, timezone }: At,
): number | null {
  const current = holds(lengthOn(done, today, freezeDays));
  for (let ahead = 1; ahead <= freezeDays + 2; ahead++) {
    if (holds(lengthOn(done, today + ahead, freezeDays)) === current) continue;
    const begins = dayBegins(today + ahead, timezone);
    // There are days that a zone has skipped.
    if (begins > now) return begins;
  }
  return null;
}

/** The days of the zone on which it was done: no zone has more than two of them in one day of UTC. */
function daysOf(marks: readonly Mark[], timezone: string | null): ReadonlySet<number> {
  const days = new Set<number>();
  for (const [day, first, last] of marks) {
    days.add(calendarDay(day * DAY + first * QUARTER, timezone));
    days.add(calendarDay(day * DAY + last * QUARTER, timezone));
  }
  return days;
}

function newest(marks: readonly Mark[]): readonly Mark[] {
  const oldest = (marks.at(-1)?.[0] ?? 0) - KEPT_DAYS;
  return (marks[0]?.[0] ?? 0) > oldest ? marks : marks.filter(([day]) => day > oldest);
}

const LETTERS = 3;

function read(counter: Marked | undefined): Mark[] {
  const marks: Mark[] = [];
  let next = 0;
  for (const part of counter?.marks ?? []) {
    if (typeof part === 'number') next = part;
    else for (let index = 0; index < part.length; index += LETTERS) marks.push(markOf(next++, part, index));
  }
  return marks;
}

function markOf(day: number, text: string, index: number): Mark {
  const both = parseInt(text.slice(index, index + LETTERS), 36);
  return [day, Math.floor(both / QUARTERS), both % QUARTERS];
}

function written(marks: readonly Mark[]): (number | string)[] {
  const parts: (number | string)[] = [];
  let next: number | null = null;
  for (const [day, first, last] of marks) {
    const letters = (first * QUARTERS + last).toString(36).padStart(LETTERS, '0');
    if (day === next) parts.push(`${parts.pop()}${letters}`);
    else parts.push(day, letters);
    next = day + 1;
  }
  return parts;
}
