import type { Granularity } from '@tidings/condition';
import { bucketOf, leavesAt, oldestIn, oldestKept, type BucketSize } from './buckets.js';

/** How often something was done, by bucket. */
export interface Windowed {
  /** A bucket's number, its count, the next bucket's number, its count; the oldest first. */
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
export interface Counting {
  readonly granularity: Granularity;
  readonly thresholds: readonly Threshold[];
  readonly asks?: readonly CountAsk[];
}

/** The counter after something was done `times` times at `at`, as it is at `now`. */
export function counted(counter: Count | undefined, counting: Counting, at: number, now: number, times = 1): Count {
  const { granularity } = counting;
  if (granularity === 'ever') return (typeof counter === 'number' ? counter : 0) + times;
  const buckets = kept(bucketsOf(counter), granularity, now);
  const bucket = bucketOf(at, granularity);
  if (bucket >= oldestKept(now, granularity)) add(buckets, bucket, times);
  return windowed(buckets, granularity, counting, now);
}

/** The counter at `now`, without the buckets that no window will reach any more. */
export function aged(counter: Count, counting: Counting, now: number): Count {
  const { granularity } = counting;
  if (granularity === 'ever' || typeof counter === 'number') return counter;
  return windowed(kept(counter.buckets, granularity, now), granularity, counting, now);
}

/** How often within the window, or ever when there is none. */
export function countIn(
  counter: Count | undefined,
  granularity: Granularity,
  windowMs: number | null,
  now: number,
): number {
  if (counter === undefined || typeof counter === 'number') return counter ?? 0;
  if (granularity === 'ever' || windowMs === null) return 0;
  const { buckets } = counter;
  const oldest = oldestIn(now, granularity, windowMs);
  let count = 0;
  for (let index = buckets.length - 2; index >= 0 && (buckets[index] ?? 0) >= oldest; index -= 2)
    count += buckets[index + 1] ?? 0;
  return count;
}

const bucketsOf = (counter: Count | undefined): readonly number[] =>
  typeof counter === 'object' ? counter.buckets : [];

function windowed(
  buckets: readonly number[],
  size: BucketSize,
  { thresholds, asks = [] }: Pick<Counting, 'thresholds' | 'asks'>,
  now: number,
): Windowed {
  let flipsAt: number | null = null;
  for (const threshold of thresholds) {
    const at = flipOf(buckets, size, threshold, now);
    if (at !== null && (flipsAt === null || at < flipsAt)) flipsAt = at;
  }
  for (const ask of asks) {
    const at = flipOfAsk(buckets, size, ask, now);
    if (at !== null && (flipsAt === null || at < flipsAt)) flipsAt = at;
  }
  return { buckets, flipsAt };
}

/** A count that meets its threshold does so until the bucket leaves that was needed to meet it, counted from the newest. */
function flipOf(
  buckets: readonly number[],
  size: BucketSize,
  { windowMs, atLeast }: Threshold,
  now: number,
): number | null {
  const oldest = oldestIn(now, size, windowMs);
  let count = 0;
  for (let index = buckets.length - 2; index >= 0; index -= 2) {
    const bucket = buckets[index] ?? 0;
    if (bucket < oldest) return null;
    count += buckets[index + 1] ?? 0;
    if (count >= atLeast) return leavesAt(bucket, size, windowMs);
  }
  return null;
}

/** Buckets leave one after the other, the oldest first, until so much is left that the answer is another. */
function flipOfAsk(
  buckets: readonly number[],
  size: BucketSize,
  { windowMs, holds }: CountAsk,
  now: number,
): number | null {
  const oldest = oldestIn(now, size, windowMs);
  let left = countIn({ buckets, flipsAt: null }, size, windowMs, now);
  const current = holds(left);
  for (let index = 0; index < buckets.length; index += 2) {
    const bucket = buckets[index] ?? 0;
    if (bucket < oldest) continue;
    left -= buckets[index + 1] ?? 0;
    if (holds(left) !== current) return leavesAt(bucket, size, windowMs);
  }
  return null;
}

function kept(buckets: readonly number[], size: BucketSize, now: number): number[] {
  const oldest = oldestKept(now, size);
  let first = 0;
  while (first < buckets.length && (buckets[first] ?? 0) < oldest) first += 2;
  return buckets.slice(first);
}

/** Most events belong to the newest bucket, so the place is looked for from the end. */
function add(buckets: number[], bucket: number, times: number): void {
  let index = buckets.length - 2;
  while (index >= 0 && (buckets[index] ?? 0) > bucket) index -= 2;
  if (index >= 0 && buckets[index] === bucket) buckets[index + 1] = (buckets[index + 1] ?? 0) + times;
  else buckets.splice(index + 2, 0, bucket, times);
}
