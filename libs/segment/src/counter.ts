import type { Grain, Granularity } from '@tidings/condition';
import { bucketOf, isInWindow, leavesAt, reachOf } from './buckets.js';

/** How often something was done, by bucket. */
export interface Windowed {
  /** When in a bucket it was done last, in ms, how often in that bucket, the same of the next; the oldest first. */
  readonly buckets: readonly number[];
  /** The moment at which time alone takes a count below a threshold that it meets now; null when none is met. */
  readonly flipsAt: number | null;
}

/** How often something was done: a number where no window looks at it. */
export type Count = number | Windowed;

/** What some condition asks of a counter. */
export interface Threshold {
  readonly windowMs: number;
  readonly atLeast: number;
}

/** What some condition asks of a counter that it does not ask by a threshold. */
export interface CountAsk {
  readonly windowMs: number;
  readonly holds: (count: number) => boolean;
}

/** What decides how a counter counts. */
export interface Counting extends Grain {
  readonly thresholds: readonly Threshold[];
  readonly asks?: readonly CountAsk[];
}

/** The counter after something was done `times` times up to `at`, in one bucket, as it is at `now`. */
export function counted(counter: Count | undefined, counting: Counting, at: number, now: number, times = 1): Count {
  const { granularity } = counting;
  if (granularity === 'ever') return (typeof counter === 'number' ? counter : 0) + times;
  const buckets = kept(bucketsOf(counter), counting, now);
  if (at >= reachOf(now, counting)) add(buckets, granularity, at, times);
  return windowed(buckets, counting, now);
}

/** The counter at `now`, without the buckets that no window will reach any more. */
export function aged(counter: Count, counting: Counting, now: number): Count {
  if (counting.granularity === 'ever' || typeof counter === 'number') return counter;
  return windowed(kept(counter.buckets, counting, now), counting, now);
}

/** How often within the window, or ever when there is none. */
export function countIn(counter: Count | undefined, windowMs: number | null, now: number): number {
  if (counter === undefined || typeof counter === 'number') return counter ?? 0;
  const { buckets } = counter;
  let count = 0;
  for (let index = buckets.length - 2; index >= 0 && isInWindow(buckets[index] ?? 0, windowMs, now); index -= 2)
    count += buckets[index + 1] ?? 0;
  return count;
}

const bucketsOf = (counter: Count | undefined): readonly number[] =>
  typeof counter === 'object' ? counter.buckets : [];

function windowed(
  buckets: readonly number[],
  { thresholds, asks = [] }: Pick<Counting, 'thresholds' | 'asks'>,
  now: number,
): Windowed {
  let flipsAt: number | null = null;
  for (const threshold of thresholds) {
    const at = flipOf(buckets, threshold, now);
    if (at !== null && (flipsAt === null || at < flipsAt)) flipsAt = at;
  }
  for (const ask of asks) {
    const at = flipOfAsk(buckets, ask, now);
    if (at !== null && (flipsAt === null || at < flipsAt)) flipsAt = at;
  }
  return { buckets, flipsAt };
}

/** A count that meets its threshold does so until the bucket leaves that was needed to meet it, counted from the newest. */
function flipOf(buckets: readonly number[], { windowMs, atLeast }: Threshold, now: number): number | null {
  let count = 0;
  for (let index = buckets.length - 2; index >= 0; index -= 2) {
    const last = buckets[index] ?? 0;
    if (!isInWindow(last, windowMs, now)) return null;
    count += buckets[index + 1] ?? 0;
    if (count >= atLeast) return leavesAt(last, windowMs);
  }
  return null;
}

/** Buckets leave one after the other, the oldest first, until so much is left that the answer is another. */
function flipOfAsk(buckets: readonly number[], { windowMs, holds }: CountAsk, now: number): number | null {
  let left = countIn({ buckets, flipsAt: null }, windowMs, now);
  const current = holds(left);
  for (let index = 0; index < buckets.length; index += 2) {
    const last = buckets[index] ?? 0;
    if (!isInWindow(last, windowMs, now)) continue;
    left -= buckets[index + 1] ?? 0;
    if (holds(left) !== current) return leavesAt(last, windowMs);
  }
  return null;
}

function kept(buckets: readonly number[], grain: Grain, now: number): number[] {
  const oldest = reachOf(now, grain);
  let first = 0;
  while (first < buckets.length && (buckets[first] ?? 0) < oldest) first += 2;
  return buckets.slice(first);
}

/** Most events belong to the newest bucket, so the place is looked for from the end. */
function add(buckets: number[], granularity: Granularity, at: number, times: number): void {
  const bucket = bucketOf(at, granularity);
  let index = buckets.length - 2;
  while (index >= 0 && bucketOf(buckets[index] ?? 0, granularity) > bucket) index -= 2;
  const last = index < 0 ? -Infinity : (buckets[index] ?? 0);
  if (bucketOf(last, granularity) === bucket) buckets.splice(index, 2, Math.max(last, at), (buckets[index + 1] ?? 0) + times);
  else buckets.splice(index + 2, 0, at, times);
}
