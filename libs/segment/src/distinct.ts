import { digest, type Granularity } from '@tidings/condition';
import { bucketFor, leavesFor, oldestFor, oldestKeptFor } from './buckets.js';

/** So many different values are told apart, those seen last; more count as so many. */
const MAX_VALUES = 1_000;

/** The different values of a property. */
export interface Distinct {
  /** For the digest of each value the bucket in which it was seen last. */
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
export interface Distinguishing {
  readonly granularity: Granularity;
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
  const bucket = bucketFor(at, how.granularity);
  const known = before?.latest[name] ?? -Infinity;
  if (bucket <= known || bucket < oldestKeptFor(now, how.granularity)) return before;
  return agedDistinct({ latest: { ...before?.latest, [name]: bucket }, flipsAt: null }, how, now);
}

/** The values at `now`. */
export function agedDistinct(before: Distinct | undefined, how: Distinguishing, now: number): Distinct {
  const latest: Distinct['latest'] = before?.latest ?? {};
  const oldest = oldestKeptFor(now, how.granularity);
  const all = Object.entries(latest);
  const kept = newest(all.filter(([, bucket]) => bucket >= oldest));
  return {
    latest: kept.length === all.length ? latest : Object.fromEntries(kept),
    flipsAt: flipOf(kept, how, now),
  };
}

/** How many different values were seen in the window. */
export function distinctIn(
  { latest }: Distinct,
  granularity: Granularity,
  windowMs: number | null,
  now: number,
): number {
  const oldest = oldestFor(now, granularity, windowMs);
  let count = 0;
  for (const name in latest) if ((latest[name] ?? -Infinity) >= oldest) count += 1;
  return count;
}

type Seen = readonly [name: string, bucket: number];

/** Among those of the same bucket the digest decides, so that the order in which they came does not. */
const newest = (seen: Seen[]): Seen[] =>
  seen.length <= MAX_VALUES
    ? seen
    : seen.toSorted(([a, at], [b, bt]) => bt - at || (a < b ? -1 : 1)).slice(0, MAX_VALUES);

function flipOf(seen: readonly Seen[], { granularity, asks }: Distinguishing, now: number): number | null {
  if (granularity === 'ever') return null;
  const buckets = seen.map(([, bucket]) => bucket).toSorted((a, b) => a - b);
  const flips = asks.flatMap((ask) => flipOfAsk(buckets, ask, granularity, now) ?? []);
  return flips.length === 0 ? null : Math.min(...flips);
}

/** Values leave with the bucket they were seen in last, the oldest first, until so few are left that the answer is another. */
function flipOfAsk(buckets: readonly number[], ask: DistinctAsk, granularity: Granularity, now: number): number | null {
  const oldest = oldestFor(now, granularity, ask.windowMs);
  const inside = buckets.filter((bucket) => bucket >= oldest);
  const current = ask.holds(inside.length);
  const first = inside.findIndex(
    (bucket, index) => inside[index + 1] !== bucket && ask.holds(inside.length - index - 1) !== current,
  );
  const bucket = inside[first];
  return bucket === undefined ? null : leavesFor(bucket, granularity, ask.windowMs);
}
