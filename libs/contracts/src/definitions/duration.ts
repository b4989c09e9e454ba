import Type, { type Static } from 'typebox';

const pattern = '^[1-9][0-9]{0,5}(s|m|h|d|w)$';

/** A length of time: a whole number and a unit (`s`, `m`, `h`, `d`, `w`), such as `30m` or `7d`. */
export const Duration = Type.String({ pattern });
export type Duration = Static<typeof Duration>;

/** The pattern of a duration, and the same for people. */
export const durationPattern = {
  pattern,
  words: 'must be a whole number and a unit (s, m, h, d or w), such as 30m or 7d',
} as const;

const days = '^[1-9][0-9]{0,2}(d|w)$';

/** A number of whole days: days or weeks, such as `3d`. */
export const Days = Type.String({ pattern: days });
export type Days = Static<typeof Days>;

/** The pattern of a number of days, and the same for people. */
export const daysPattern = {
  pattern: days,
  words: 'must be a whole number of days or weeks, such as 3d or 2w',
} as const;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The length of a `Duration` in milliseconds; throws on a text that is none, which the schema keeps out. */
export function durationMs(duration: Duration): number {
  const unit = unitMs[duration.slice(-1)];
  const count = Number(duration.slice(0, -1));
  if (unit === undefined || !Number.isSafeInteger(count)) throw new Error(`not a duration: ${duration}`);
  return count * unit;
}
