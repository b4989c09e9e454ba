import type { Aggregate, Grain } from '@tidings/condition';
import { bucketOf, isInWindow, keptMoment, leavesAt, reachOf } from './buckets.js';

/** What the numbers of one bucket come to: when the last was told, in ms, how many, their sum in millionths, the least and the greatest. */
type Part = readonly [last: number, count: number, sum: number | string, least: number, greatest: number];

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
export interface Numbering extends Grain {
  readonly asks: readonly NumberAsk[];
}

/** Sums are kept in millionths, so that they are the same in whatever order they are added up. */
const UNIT = 1_000_000;
const MOST = 1e15;

/** The numbers after one was told `times` times up to `at`, in one bucket, as they are at `now`. What is no number changes nothing. */
export function numbered(
  before: Numbers | undefined,
  how: Numbering,
  value: unknown,
  { at, times }: { readonly at: number; readonly times: number },
  now: number,
): Numbers | undefined {
  if (typeof value !== 'number' || Math.abs(value) > MOST) return before;
  const oldest = reachOf(now, how);
  const parts = (before?.numbers ?? []).filter(([last]) => last >= oldest);
  if (at >= oldest) {
    const sum = kept(BigInt(Math.round(value * UNIT)) * BigInt(times));
    add(parts, how, [keptMoment(at, how.granularity), times, sum, value, value]);
  }
  return { numbers: parts, flipsAt: flipOf(parts, how, now) };
}

/** The numbers at `now`. */
export function agedNumbers(before: Numbers | undefined, how: Numbering, now: number): Numbers {
  const oldest = reachOf(now, how);
  const numbers = (before?.numbers ?? []).filter(([last]) => last >= oldest);
  return { numbers, flipsAt: flipOf(numbers, how, now) };
}

/** What the numbers in the window come to. The sum of none is 0; nothing else of none is anything. */
export function numberIn({ numbers }: Numbers, { windowMs, of }: Pick<NumberAsk, 'windowMs' | 'of'>, now: number): number | undefined {
  const total = new Total();
  for (const part of numbers) if (isInWindow(part[0], windowMs, now)) total.add(part);
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

function add(parts: Part[], { granularity }: Grain, part: Part): void {
  const bucket = bucketOf(part[0], granularity);
  let index = parts.length;
  while (index > 0 && bucketOf(parts[index - 1]?.[0] ?? 0, granularity) > bucket) index--;
  const same = parts[index - 1];
  if (same !== undefined && bucketOf(same[0], granularity) === bucket) parts[index - 1] = joined(same, part);
  else parts.splice(index, 0, part);
}

const joined = (a: Part, b: Part): Part => [
  Math.max(a[0], b[0]),
  a[1] + b[1],
  kept(added(typeof a[2] === 'string' ? BigInt(a[2]) : a[2], b[2])),
  Math.min(a[3], b[3]),
  Math.max(a[4], b[4]),
];

function flipOf(parts: readonly Part[], { granularity, asks }: Numbering, now: number): number | null {
  if (granularity === 'ever') return null;
  const values = new Map([...new Set(asks.map(({ of }) => of))].map((of) => [of, endings(parts, of)]));
  const flips = asks.flatMap((ask) => flipOfAsk(parts, values.get(ask.of) ?? [], ask, now) ?? []);
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
  now: number,
): number | null {
  const first = parts.findIndex(([last]) => isInWindow(last, windowMs, now));
  if (first < 0) return null;
  const current = holds(values[first]);
  const turning = parts.findIndex((_, index) => index >= first && holds(values[index + 1]) !== current);
  const last = parts[turning]?.[0];
  return last === undefined ? null : leavesAt(last, windowMs);
}
