import type { Values } from '@tidings/contracts';
import { reachOf } from './buckets.js';
import { counted, type Counter, type Counters } from './counter.js';
import type { Membership } from './membership.js';
import type { CounterRule, Segments } from './segments.js';

/** What was done in one minute of a profile's history; the time is any moment of that minute, in ms. */
export interface PastOccurrence {
  readonly name: string;
  readonly properties: Values;
  readonly at: number;
  readonly times: number;
}

/** The counters that these segments need and this profile has not kept, which may be because they are nil. */
export const missingCounters = (segments: Segments, membership: Membership): readonly CounterRule[] =>
  [...segments.byCounter.values()].filter(({ key }) => membership.counters[key] === undefined);

/**
 * The first moment of a history that these counters need as of `now`: all of it that any window of their granularity can
 * reach, so that a segment with a longer window finds a counter that is complete. -Infinity when they need everything.
 */
export function neededSince(rules: readonly CounterRule[], now: number): number {
  return Math.min(
    Infinity,
    ...rules.map(({ granularity }) => (granularity === 'ever' ? -Infinity : reachOf(now, granularity))),
  );
}

/** Counts a history, in whatever order it comes, as if every event had been counted when it was received. */
export function countersOf(rules: readonly CounterRule[], history: Iterable<PastOccurrence>, now: number): Counters {
  const byEvent = Map.groupBy(rules, ({ event }) => event);
  const counters: Record<string, Counter> = {};
  for (const { name, properties, at, times } of history) {
    for (const rule of byEvent.get(name) ?? []) {
      if (rule.counts(properties)) counters[rule.key] = counted(counters[rule.key], rule, at, now, times);
    }
  }
  return counters;
}
