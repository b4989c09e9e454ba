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

/** What decides how a counter counts. */
export interface Counting {
  readonly granularity: Granularity;
  readonly thresholds: readonly Threshold[];
}

/** The counter after something was done `times` times at `at`, as it is at `now`. */
export function counted(counter: Count | undefined, counting: Counting, at: number, now: number, times = 1): Count {
  const { granularity } = counting;
  if (granularity === 'ever') return (typeof counter === 'number' ? counter : 0) + times;
  const buckets = kept(bucketsOf(counter), granularity, now);
  const bucket = bucketOf(at, granularity);
  if (bucket >= oldestKept(now, granularity)) add(buckets, bucket, times);
  return windowed(buckets, granularity, counting.thresholds, now);
}

/** The counter at `now`, without the buckets that no window will reach any more. */
export function aged(counter: Count, { granularity, thresholds }: Counting, now: number): Count {
  if (granularity === 'ever' || typeof counter === 'number') return counter;
  return windowed(kept(counter.buckets, granularity, now), granularity, thresholds, now);
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
  thresholds: readonly Threshold[],
  now: number,
): Windowed {
  let flipsAt: number | null = null;
  for (const threshold of thresholds) {
    const at = flipOf(buckets, size, threshold, now);
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
