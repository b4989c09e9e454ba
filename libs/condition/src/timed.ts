import { durationMs, type TraitCondition } from '@tidings/contracts';
import { anniversaryTurns, isAnniversary } from './anniversary.js';
import { momentOf } from './moment.js';

/** When, and by whose calendar, a value is looked at. */
export interface At {
  /** In ms. */
  readonly now: number;
  readonly timezone: string | null;
}

/** A question to a date whose answer time alone changes. */
export interface Timed {
  readonly holds: (value: unknown, at: At) => boolean;
  /** The moment after `now` at which the answer next changes, in ms; null when it never does. Never late. */
  readonly turns: (value: unknown, at: At) => number | null;
}

/** The comparisons whose answer time alone changes. */
export const timedNames = ['withinLast', 'withinNext', 'anniversary'] as const;

/** Those among the comparisons that time alone changes. */
export function timedOf({
  withinLast,
  withinNext,
  anniversary,
}: Pick<TraitCondition, (typeof timedNames)[number]>): Timed[] {
  const timed: Timed[] = [];
  if (withinLast !== undefined) timed.push(during(0, durationMs(withinLast)));
  if (withinNext !== undefined) timed.push(during(-durationMs(withinNext), 0));
  if (anniversary !== undefined) {
    timed.push({
      holds: (value, at) => isAnniversary(anniversary, value, at),
      turns: (value, at) => anniversaryTurns(anniversary, value, at),
    });
  }
  return timed;
}

/** From so long after the date until so long after it. */
function during(fromMs: number, untilMs: number): Timed {
  return {
    holds: (value, { now, timezone }) => {
      const date = momentOf(value, timezone);
      return date !== null && now >= date + fromMs && now < date + untilMs;
    },
    turns: (value, { now, timezone }) => {
      const date = momentOf(value, timezone);
      return date === null ? null : ([date + fromMs, date + untilMs].find((moment) => moment > now) ?? null);
    },
  };
}
