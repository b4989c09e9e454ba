import type { Grain, Granularity } from '@tidings/condition';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const sizes: Readonly<Record<Granularity, number>> = { minute: MINUTE, hour: HOUR, day: DAY, ever: Infinity };

/** How long a bucket is, in ms. */
export const bucketMs = (granularity: Granularity): number => sizes[granularity];

/**
 * The bucket of an instant. Buckets are cut in UTC, whole minutes, hours or days since 1970, for everybody alike, so that what two
 * profiles did adds up; where there is no window all of time is one.
 */
export const bucketOf = (at: number, granularity: Granularity): number => Math.floor(at / sizes[granularity]);

/** The moment that is kept of something done at `at`; where there is no window it does not matter. */
export const keptMoment = (at: number, granularity: Granularity): number => (granularity === 'ever' ? 0 : at);

/**
 * When a bucket leaves a window: so long after the last thing in it. That is counted exactly as long as it should be, what was done
 * before it in the bucket for longer, by less than the size of the bucket. As moments of people differ, so do those ends.
 */
export const leavesAt = (last: number, windowMs: number | null): number => (windowMs === null ? Infinity : last + windowMs);

/** Whether a window holds the bucket of which this was the last moment. */
export const isInWindow = (last: number, windowMs: number | null, now: number): boolean => leavesAt(last, windowMs) > now;

/**
 * The first moment that some window can still reach at `now`, which begins a bucket; -Infinity where there is none. What is older is
 * not kept: whatever still comes of its bucket is too old as well.
 */
export function reachOf(now: number, { granularity, reachMs }: Grain): number {
  if (reachMs === Infinity) return -Infinity;
  const size = sizes[granularity];
  return Math.floor((now - reachMs) / size) * size;
}

/** What is kept in order, without what lies in front and ended before any window will reach; `lastOf` says when each ended. */
export function withinReach<T>(inOrder: readonly T[], grain: Grain, now: number, lastOf: (each: T) => number): T[] {
  const oldest = reachOf(now, grain);
  const first = inOrder.findIndex((each) => lastOf(each) >= oldest);
  return first < 0 ? [] : inOrder.slice(first);
}
