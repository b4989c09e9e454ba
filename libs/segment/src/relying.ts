import { bucketMs } from './buckets.js';
import { sinceOf } from './history.js';
import type { CounterRule } from './rules.js';
import type { CompiledSegment, Segments } from './segments.js';

/**
 * Ids of the segments whose answers at `now` may rest on what was done before `since`, both in ms: those that ask for it, and
 * those that ask for them.
 */
export function relyingOnBefore(segments: Segments, since: number, now: number): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (segment: CompiledSegment): void => {
    if (found.has(segment.id)) return;
    found.add(segment.id);
    for (const dependent of segment.dependents) add(dependent);
  };
  for (const rule of segments.byCounter.values()) {
    if (restsOn(rule, now) < since) for (const segment of rule.segments) add(segment);
  }
  return found;
}

/** The first moment that the answers of a rule rest on; unlike what it keeps, which longer windows may need later. */
function restsOn(rule: CounterRule, now: number): number {
  switch (rule.kind) {
    case 'count':
      return startOf(rule, [...rule.thresholds, ...(rule.asks ?? [])], now);
    case 'number':
    case 'distinct':
    case 'frequent':
    case 'firsts':
      return startOf(rule, rule.asks, now);
    case 'told':
      return now - longestOf(rule.asks);
    case 'times':
    case 'crossing':
    case 'points':
    case 'listed':
    case 'sequence':
    case 'ignored':
    case 'streak':
      // Nothing longer can ask for these: what is needed is what they rest on.
      return sinceOf(rule, now);
  }
}

function startOf(
  { granularity }: Extract<CounterRule, { readonly kind: 'count' | 'number' | 'distinct' | 'frequent' | 'firsts' }>,
  asks: readonly { readonly windowMs: number | null }[],
  now: number,
): number {
  if (granularity === 'ever') return -Infinity;
  return now - longestOf(asks) - bucketMs(granularity);
}

const longestOf = (asks: readonly { readonly windowMs: number | null }[]): number =>
  Math.max(...asks.map(({ windowMs }) => windowMs ?? Infinity));
