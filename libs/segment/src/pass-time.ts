import type { Values } from '@tidings/contracts';
import { aged, type Counter, type Counters } from './counter.js';
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
  const { counters, touched } = agedAll(segments, membership.counters, evaluatedAt);
  const subject = subjectOf(segments, traits, counters, evaluatedAt);
  return {
    ...membership,
    evaluatedAt,
    counters,
    segments: answered(membership.segments, touched, subject),
    dueAt: dueOf(counters),
  };
}

/** The counters whose moment has come, aged, and the segments that ask them. */
function agedAll(
  segments: Segments,
  before: Counters,
  now: number,
): { counters: Counters; touched: ReadonlySet<CompiledSegment> } {
  const counters: Record<string, Counter> = { ...before };
  const touched = new Set<CompiledSegment>();
  for (const [key, counter] of Object.entries(before)) {
    if (typeof counter === 'number' || counter.flipsAt === null || counter.flipsAt > now) continue;
    const rule = segments.byCounter.get(key);
    // What nobody asks any more must not stay due.
    if (rule === undefined) delete counters[key];
    else counters[key] = aged(counter, rule, now);
    for (const segment of rule?.segments ?? []) touched.add(segment);
  }
  return { counters, touched };
}
