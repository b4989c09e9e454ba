import type { Aggregate, Granularity } from '@tidings/condition';
import { bucketFor, leavesFor, oldestFor, oldestKeptFor } from './buckets.js';

/** What the numbers of one bucket come to: the bucket, how many, their sum in millionths, the least and the greatest. */
type Part = readonly [bucket: number, count: number, sum: number | string, least: number, greatest: number];

/** What the numbers in a property come to, by bucket; the oldest first. */
export interface Numbers {
  readonly numbers: readonly Part[];
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What some condition asks of numbers. */
export interface NumberAsk {
  readonly windowMs: number | null;
  readonly of: Aggregate;
  readonly holds: (value: number | undefined) => boolean;
}

/** What decides how numbers are kept. */
export interface Numbering {
  readonly granularity: Granularity;
  readonly asks: readonly NumberAsk[];
}

/** Sums are kept in millionths, so that they are the same in whatever order they are added up. */
const UNIT = 1_000_000;
const MOST = 1e15;

/** The numbers after one was told `times` times at `at`, as they are at `now`. What is no number changes nothing. */
export function numbered(
  before: Numbers | undefined,
  how: Numbering,
  value: unknown,
  { at, times }: { readonly at: number; readonly times: number },
  now: number,
): Numbers | undefined {
  if (typeof value !== 'number' || Math.abs(value) > MOST) return before;
  const oldest = oldestKeptFor(now, how.granularity);
  const bucket = bucketFor(at, how.granularity);
  const parts = (before?.numbers ?? []).filter((part) => part[0] >= oldest);
  if (bucket >= oldest)
    add(parts, [bucket, times, kept(BigInt(Math.round(value * UNIT)) * BigInt(times)), value, value]);
  return { numbers: parts, flipsAt: flipOf(parts, how, now) };
}

/** The numbers at `now`. */
export function agedNumbers(before: Numbers | undefined, how: Numbering, now: number): Numbers {
  const oldest = oldestKeptFor(now, how.granularity);
  const numbers = (before?.numbers ?? []).filter(([bucket]) => bucket >= oldest);
  return { numbers, flipsAt: flipOf(numbers, how, now) };
}

/** What the numbers in the window come to. The sum of none is 0; nothing else of none is anything. */
export function numberIn(
  { numbers }: Numbers,
  { windowMs, of }: Pick<NumberAsk, 'windowMs' | 'of'>,
  granularity: Granularity,
  now: number,
): number | undefined {
  const oldest = oldestFor(now, granularity, windowMs);
  const total = new Total();
  for (const part of numbers) if (part[0] >= oldest) total.add(part);
  return total.of(of);
}

/** What numbers come to that were never told. */
export const noNumber = (of: Aggregate): number | undefined => new Total().of(of);

/** As a text where a JSON number would lose digits. */
const kept = (sum: number | bigint): number | string =>
  sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : String(sum);

/** Exactly: as numbers for as long as they can hold it. */
function added(sum: number | bigint, more: number | string): number | bigint {
  const next = typeof sum === 'number' && typeof more === 'number' ? sum + more : Number.NaN;
  return Number.isSafeInteger(next) ? next : BigInt(sum) + BigInt(more);
}

class Total {
  private count = 0;
  private sum: number | bigint = 0;
  private least = Infinity;
  private greatest = -Infinity;

  add([, count, sum, least, greatest]: Part): void {
    this.count += count;
    this.sum = added(this.sum, sum);
    this.least = Math.min(this.least, least);
    this.greatest = Math.max(this.greatest, greatest);
  }

  of(aggregate: Aggregate): number | undefined {
    if (this.count === 0) return aggregate === 'sum' ? 0 : undefined;
    switch (aggregate) {
      case 'sum':
        return Number(this.sum) / UNIT;
      case 'average':
        return Number(this.sum) / UNIT / this.count;
      case 'minimum':
        return this.least;
      case 'maximum':
        return this.greatest;
    }
  }
}

function add(parts: Part[], part: Part): void {
  let index = parts.length;
  while (index > 0 && (parts[index - 1]?.[0] ?? 0) > part[0]) index--;
  const same = parts[index - 1];
  if (same?.[0] === part[0]) parts[index - 1] = joined(same, part);
  else parts.splice(index, 0, part);
}

const joined = (a: Part, b: Part): Part => [
  a[0],
  a[1] + b[1],
  kept(added(typeof a[2] === 'string' ? BigInt(a[2]) : a[2], b[2])),
  Math.min(a[3], b[3]),
  Math.max(a[4], b[4]),
];

function flipOf(parts: readonly Part[], { granularity, asks }: Numbering, now: number): number | null {
  if (granularity === 'ever') return null;
  const values = new Map([...new Set(asks.map(({ of }) => of))].map((of) => [of, endings(parts, of)]));
  const flips = asks.flatMap((ask) => flipOfAsk(parts, values.get(ask.of) ?? [], ask, { granularity, now }) ?? []);
  return flips.length === 0 ? null : Math.min(...flips);
}

/** For each part, what it and all later ones come to; at the end, what nothing does. */
function endings(parts: readonly Part[], of: Aggregate): readonly (number | undefined)[] {
  const total = new Total();
  const values = [total.of(of)];
  for (const part of parts.toReversed()) {
    total.add(part);
    values.push(total.of(of));
  }
  return values.toReversed();
}

/** Buckets leave one after the other, the oldest first, until what is left of the window holds or no longer does. */
function flipOfAsk(
  parts: readonly Part[],
  values: readonly (number | undefined)[],
  { windowMs, holds }: NumberAsk,
  { granularity, now }: { readonly granularity: Granularity; readonly now: number },
): number | null {
  const oldest = oldestFor(now, granularity, windowMs);
  const first = parts.findIndex(([bucket]) => bucket >= oldest);
  if (first < 0) return null;
  const current = holds(values[first]);
  const last = parts.findIndex((_, index) => index >= first && holds(values[index + 1]) !== current);
  const bucket = parts[last]?.[0];
  return bucket === undefined ? null : leavesFor(bucket, granularity, windowMs);
}
