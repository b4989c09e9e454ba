import type { Person } from '@tidings/condition';
import type { ComputedTraitDefinition, Condition } from '@tidings/contracts';
import { compileSegments, draftsHolding, type Counters, type Segments } from '@tidings/segment';

/** How many, between which bounds: the same where it was counted, those of 95 of 100 such samples where it was estimated. */
export interface Amount {
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

/** What is left of all profiles after a clause and those before it. */
export interface Cut extends Amount {
  readonly place: string;
}

/** A condition cut into the clauses that must all hold, ready to be asked. */
export interface Draft {
  readonly places: readonly string[];
  readonly clauses: Segments;
}

/** Cuts a condition into its top-level clauses; `traits` are the computed traits that it asks for. */
export function draftOf(where: Condition, traits: readonly ComputedTraitDefinition[]): Draft {
  const clauses = 'all' in where ? where.all : [where];
  return {
    places: clauses.map((_clause, index) => ('all' in where ? `where.all[${index}]` : 'where')),
    // No definition has such an id.
    clauses: compileSegments(clauses.map((clause, index) => ({ id: `#${index}`, where: clause })), 0, traits),
  };
}

/** Somebody as far as a draft asks. */
export interface Asked {
  readonly person: Person;
  readonly counters: Counters;
  readonly segments: Iterable<string>;
}

/** How many of a draft's clauses hold of somebody, from the first on until one does not. */
export function heldOf({ clauses, places }: Draft, { person, counters, segments }: Asked, now: Date): number {
  const holding = new Set(draftsHolding(clauses, person, counters, segments, now));
  const first = places.findIndex((_place, index) => !holding.has(`#${index}`));
  return first < 0 ? places.length : first;
}

/** How each clause cuts: `left` says how many have so many of the clauses. */
export const cutOf = ({ places }: Draft, left: (clauses: number) => Amount): Cut[] =>
  places.map((place, index) => ({ place, ...left(index + 1) }));

/** What was counted. */
export const counted = (count: number): Amount => ({ size: count, low: count, high: count });

/** 95 of 100. */
const Z = 1.96;

/** What a count in a sample says of all: Wilson's interval, which holds for nobody and for everybody too. */
export function estimated(count: number, sampled: number, all: Amount): Amount {
  const share = count / sampled;
  const middle = (share + Z ** 2 / (2 * sampled)) / (1 + Z ** 2 / sampled);
  const half = (Z / (1 + Z ** 2 / sampled)) * Math.sqrt((share * (1 - share)) / sampled + Z ** 2 / (4 * sampled ** 2));
  const size = Math.round(share * all.size);
  const low = Math.max(0, Math.round((middle - half) * all.low));
  const high = Math.round(Math.min(1, middle + half) * all.high);
  return { size, low: Math.min(low, size), high: Math.max(high, size) };
}

/** What a count among one profile of `of` says of all of them: the score interval of a count, which holds for nobody too. */
export function ofShare(count: number, of: number): Amount {
  const zz = Z ** 2 * (1 - 1 / of);
  const half = Math.sqrt(zz * (count + zz / 4));
  const bound = (value: number) => Math.round((count + zz / 2 + value) * of);
  return { size: count * of, low: Math.max(count, bound(-half)), high: bound(half) };
}

/** Two groups that have nobody in common. */
export const together = (one: Amount, other: Amount): Amount => ({
  size: one.size + other.size,
  low: one.low + other.low,
  high: one.high + other.high,
});
