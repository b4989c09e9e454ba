import { reachOf } from './buckets.js';
import { keep, type Counter, type Counters } from './counters.js';
import { countingPoint, fencesOf, startOf } from './fences.js';
import type { Membership } from './membership.js';
import type { CounterRule, Occurrence, Source } from './rules.js';
import type { Segments } from './segments.js';
import { untaken } from './snapshots.js';
import { streakRestsOn } from './streak.js';
import { tallied } from './tally.js';

/**
 * What was done at one moment of a profile's history, in ms. Where no rule asks for more, it may stand for everything
 * alike that was done in the same minute, and is then as late as the last of it.
 */
export interface PastOccurrence extends Occurrence {
  readonly times: number;
}

/** What is known of a profile beside its membership. */
export interface Background {
  /** The keys of what was counted under the set that it was last held against, where that is known: what it lacks of these is nil. */
  readonly counted?: ReadonlySet<string> | undefined;
  /** Since when it is known, in ms; left out of those that always were. */
  readonly createdAt?: number;
}

const none: ReadonlySet<string> = new Set();

/**
 * The counters that these segments need, or that take a snapshot which is yet to be taken of the profile, and that it has not kept:
 * unless they were counted before they may be nil, or never counted.
 */
export function missingCounters(
  segments: Segments,
  { counters }: Pick<Membership, 'counters'>,
  { counted = none, createdAt = -Infinity }: Background = {},
): readonly CounterRule[] {
  const toBeTaken = untaken(segments, counters, createdAt).flatMap(({ rules }) => rules);
  const needed = new Map([...toBeTaken, ...segments.byCounter.values()].map((rule) => [rule.key, rule]));
  return [...needed.values()].filter(({ key }) => counters[key] === undefined && !counted.has(key));
}

/**
 * The first moment of a history that these counters need as of `now`: all of it that any window that shares them can
 * reach, so that a segment with a longer window finds a counter that is complete. -Infinity when they need everything.
 */
export const neededSince = (rules: readonly CounterRule[], now: number): number =>
  Math.min(Infinity, ...rules.map((rule) => sinceOf(rule, now)));

/** The same of one counter. */
export function sinceOf(rule: CounterRule, now: number): number {
  switch (rule.kind) {
    case 'count':
    case 'number':
    case 'distinct':
    case 'frequent':
    case 'firsts':
      return reachOf(now, rule);
    // Where somebody was before the window may lie any time back.
    case 'times':
    case 'told':
    case 'crossing':
    case 'points':
    case 'listed':
      return -Infinity;
    case 'sequence':
      return now - rule.lastMs - rule.withinMs;
    case 'ignored':
      return now - rule.lastMs;
    case 'streak':
      return streakRestsOn(now);
  }
}

/**
 * Counts a history, in whatever order it comes, as if every event had been counted when it was received; on top of what was
 * counted before.
 */
export function countersOf(
  rules: readonly CounterRule[],
  history: Iterable<PastOccurrence>,
  now: number,
  before: Counters = {},
): Counters {
  const bySource = bySourceOf(rules);
  const fences = fencesOf(rules);
  const counters: Record<string, Counter> = { ...before };
  for (const occurrence of history) {
    const isPoint = occurrence.heard === 'place';
    for (const rule of (isPoint ? countingPoint(fences, counters, occurrence) : bySource.get(nameOf(occurrence))) ?? []) {
      if (!rule.counts(occurrence)) continue;
      const when = { now, timezone: null };
      keep(counters, rule.key, tallied(counters[rule.key] ?? startOf(rule, counters), rule, occurrence, when, occurrence.times));
    }
  }
  return counters;
}

function bySourceOf(rules: readonly CounterRule[]): ReadonlyMap<string, readonly CounterRule[]> {
  const bySource = new Map<string, CounterRule[]>();
  for (const rule of rules) {
    for (const name of rule.sources.map(nameOf)) {
      const others = bySource.get(name);
      if (others === undefined) bySource.set(name, [rule]);
      else others.push(rule);
    }
  }
  return bySource;
}

const nameOf = ({ heard, name }: Source): string => `${heard} ${name}`;
