import type { Values } from '@tidings/contracts';
import { aged, type Counter } from './counter.js';
import type { Membership } from './membership.js';
import type { CompiledSegment, Segments } from './segments.js';
import { answered, dueOf, subjectOf } from './subject.js';

/**
 * Lets time pass to the membership's `dueAt`, and no further: the next moment may be due as well. Returns the same
 * membership when nothing is due by `until`. Only segments whose counters reached their moment are asked.
 */
export function passTime(segments: Segments, membership: Membership, traits: Values, until: number): Membership {
  const { dueAt } = membership;
  if (dueAt === null || dueAt > until) return membership;
  const evaluatedAt = Math.max(membership.evaluatedAt, dueAt);
  const counters: Record<string, Counter> = { ...membership.counters };
  const touched = new Set<CompiledSegment>();
  for (const [key, counter] of Object.entries(membership.counters)) {
    const rule = segments.byCounter.get(key);
    if (typeof counter === 'number' || counter.flipsAt === null || counter.flipsAt > evaluatedAt || rule === undefined) continue;
    counters[key] = aged(counter, rule, evaluatedAt);
    for (const segment of rule.segments) touched.add(segment);
  }
  const subject = subjectOf(segments, traits, counters, evaluatedAt);
  return { ...membership, evaluatedAt, counters, segments: answered(membership.segments, touched, subject), dueAt: dueOf(counters) };
}
