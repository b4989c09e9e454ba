import { digest, type Grain } from '@tidings/condition';
import { isInWindow, keptMoment, leavesAt, reachOf } from './buckets.js';

/** So many different values are told apart, those seen last; more count as so many. */
const MAX_VALUES = 1_000;

/** The different values of a property. */
export interface Distinct {
  /** For the digest of each value when it was seen last, in ms; 0 where there is no window. */
  readonly latest: Readonly<Record<string, number>>;
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What some condition asks of a number of different values. */
export interface DistinctAsk {
  readonly windowMs: number | null;
  readonly holds: (count: number) => boolean;
}

/** What decides how values are kept. */
export interface Distinguishing extends Grain {
  readonly asks: readonly DistinctAsk[];
}

/** The values after one was seen at `at`, as they are at `now`. What is no text, number or truth value changes nothing. */
export function distinguished(
  before: Distinct | undefined,
  how: Distinguishing,
  value: unknown,
  at: number,
  now: number,
): Distinct | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return before;
  const name = digest(JSON.stringify(value));
  const seen = keptMoment(at, how.granularity);
  if (seen <= (before?.latest[name] ?? -Infinity) || at < reachOf(now, how)) return before;
  return agedDistinct({ latest: { ...before?.latest, [name]: seen }, flipsAt: null }, how, now);
}

/** The values at `now`. */
export function agedDistinct(before: Distinct | undefined, how: Distinguishing, now: number): Distinct {
  const latest: Distinct['latest'] = before?.latest ?? {};
  const oldest = reachOf(now, how);
  const all = Object.entries(latest);
  const kept = newest(all.filter(([, seen]) => seen >= oldest));
  return {
    latest: kept.length === all.length ? latest : Object.fromEntries(kept),
    flipsAt: flipOf(kept, how, now),
  };
}

/** How many different values were seen in the window. */
export function distinctIn({ latest }: Distinct, windowMs: number | null, now: number): number {
  let count = 0;
  for (const name in latest) if (isInWindow(latest[name] ?? -Infinity, windowMs, now)) count += 1;
  return count;
}

type Seen = readonly [name: string, last: number];

/** Among those of the same moment the digest decides, so that the order in which they came does not. */
const newest = (seen: Seen[]): Seen[] =>
  seen.length <= MAX_VALUES
    ? seen
    : seen.toSorted(([a, at], [b, bt]) => bt - at || (a < b ? -1 : 1)).slice(0, MAX_VALUES);

function flipOf(seen: readonly Seen[], { granularity, asks }: Distinguishing, now: number): number | null {
  if (granularity === 'ever') return null;
  const moments = seen.map(([, last]) => last).toSorted((a, b) => a - b);
  const flips = asks.flatMap((ask) => flipOfAsk(moments, ask, now) ?? []);
  return flips.length === 0 ? null : Math.min(...flips);
}

/** Values leave so long after they were seen last, the oldest first, until so few are left that the answer is another. */
function flipOfAsk(moments: readonly number[], { windowMs, holds }: DistinctAsk, now: number): number | null {
  const inside = moments.filter((last) => isInWindow(last, windowMs, now));
  const current = holds(inside.length);
  const first = inside.findIndex((last, index) => inside[index + 1] !== last && holds(inside.length - index - 1) !== current);
  const last = inside[first];
  return last === undefined ? null : leavesAt(last, windowMs);
}
