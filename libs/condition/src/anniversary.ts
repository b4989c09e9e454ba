import { durationMs, type TraitCondition } from '@tidings/contracts';
import { DateTime } from 'luxon';
import { dayOfYear } from './moment.js';
import type { At } from './timed.js';
import { zoneOf } from './zone.js';

const DAY = 86_400_000;

type Anniversary = NonNullable<TraitCondition['anniversary']>;

/** Whether month and day of the date come in so many days, by the calendar of the profile. */
export function isAnniversary(given: Anniversary, value: unknown, at: At): boolean {
  const born = dayOfYear(value, at.timezone);
  if (born === null) return false;
  const then = todayOf(at).plus({ days: daysOf(given) });
  return then.month === born.month && then.day === dayIn(then.year, born);
}

/** The next of the profile's midnights at which that changes; null when the value is no date. */
export function anniversaryTurns(given: Anniversary, value: unknown, at: At): number | null {
  const born = dayOfYear(value, at.timezone);
  if (born === null) return null;
  const today = todayOf(at);
  if (isAnniversary(given, value, at)) return today.plus({ days: 1 }).startOf('day').toMillis();
  const days = daysOf(given);
  const { year } = today.plus({ days });
  const turns = [year, year + 1].map((each) =>
    DateTime.fromObject({ year: each, month: born.month, day: dayIn(each, born) }, { zone: today.zone })
      .minus({ days })
      .startOf('day')
      .toMillis(),
  );
  return turns.find((turn) => turn > at.now) ?? null;
}

const daysOf = ({ in: days }: Anniversary): number => (days === undefined ? 0 : durationMs(days) / DAY);

const todayOf = ({ now, timezone }: At): DateTime =>
  DateTime.fromMillis(now, { zone: zoneOf(timezone) }).startOf('day');

/** Who was born on 29 February has the 28th in other years. */
const dayIn = (year: number, { month, day }: { month: number; day: number }): number =>
  month === 2 && day === 29 && !DateTime.fromObject({ year }, { zone: 'utc' }).isInLeapYear ? 28 : day;
