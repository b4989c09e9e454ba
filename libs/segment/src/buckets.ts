import type { Granularity } from '@tidings/condition';

/** How finely a window moves; counting `ever` needs no buckets. */
export type BucketSize = Exclude<Granularity, 'ever'>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const sizes: Readonly<Record<BucketSize, number>> = { minute: MINUTE, hour: HOUR, day: DAY };

/** How long a bucket is. */
export const bucketMs = (size: BucketSize): number => sizes[size];

/** After this long no window of the granularity can reach back to a bucket. Days are kept: their windows have no longest. */
const reaches: Readonly<Record<BucketSize, number>> = { minute: DAY, hour: 90 * DAY, day: Infinity };

/** The bucket of an instant. Buckets are cut in UTC, whole minutes, hours or days since 1970. */
export const bucketOf = (at: number, size: BucketSize): number => Math.floor(at / sizes[size]);

/**
 * When a bucket leaves a window: once its end has. What was done late in a bucket leaves on time; what was done early
 * in it stays longer, by less than the size of the bucket.
 */
export const leavesAt = (bucket: number, size: BucketSize, windowMs: number): number =>
  (bucket + 1) * sizes[size] + windowMs;

/** The oldest bucket that a window still holds at `now`. */
export const oldestIn = (now: number, size: BucketSize, windowMs: number): number =>
  Math.floor((now - windowMs) / sizes[size]);

/** The first moment that any window of this granularity can still reach back to at `now`; -Infinity when there is none. */
export const reachOf = (now: number, size: BucketSize): number =>
  reaches[size] === Infinity ? -Infinity : bucketStart(oldestKept(now, size), size);

const bucketStart = (bucket: number, size: BucketSize): number => bucket * sizes[size];

/** The oldest bucket that any window of this granularity still holds at `now`. */
export const oldestKept = (now: number, size: BucketSize): number =>
  reaches[size] === Infinity ? -Infinity : oldestIn(now, size, reaches[size]);

/** The bucket that an instant is counted in; there is one for all of them where there are no windows. */
export const bucketFor = (at: number, granularity: Granularity): number =>
  granularity === 'ever' ? 0 : bucketOf(at, granularity);

/** The oldest bucket that is still kept at `now`. */
export const oldestKeptFor = (now: number, granularity: Granularity): number =>
  granularity === 'ever' ? -Infinity : oldestKept(now, granularity);

/** The oldest bucket that a window holds at `now`; all of them where there is none. */
export const oldestFor = (now: number, granularity: Granularity, windowMs: number | null): number =>
  granularity === 'ever' || windowMs === null ? -Infinity : oldestIn(now, granularity, windowMs);

/** When a bucket leaves a window; never where there is none. */
export const leavesFor = (bucket: number, granularity: Granularity, windowMs: number | null): number =>
  granularity === 'ever' || windowMs === null ? Infinity : leavesAt(bucket, granularity, windowMs);
