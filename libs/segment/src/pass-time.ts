import type { Person } from '@tidings/condition';
import type { Counter, Counters } from './counters.js';
import type { Membership } from './membership.js';
import type { CompiledSegment, Segments } from './segments.js';
import { answered, dueOf } from './subject.js';
import { aged, clockOf } from './tally.js';

/**
 * Lets time pass to the membership's `dueAt`, and no further: the next moment may be due as well. Returns the same
 * membership when nothing is due by `until`. Only segments whose moment has come are asked, and those that ask for one of
 * them that changed.
 */
export function passTime(segments: Segments, membership: Membership, person: Person, until: number): Membership {
  const { dueAt } = membership;
  if (dueAt === null || dueAt > until) return membership;
  const now = Math.max(membership.evaluatedAt, dueAt);
  const { counters, touched } = agedAll(segments, membership.counters, person, now);
  return {
    ...membership,
    evaluatedAt: now,
    counters,
    segments: answered(segments, membership.segments, touched, { person, counters, now }),
    dueAt: dueOf(counters),
  };
}

/** The counters whose moment has come, as they are then, and the segments that ask them. */
function agedAll(
  segments: Segments,
  before: Counters,
  person: Person,
  now: number,
): { counters: Counters; touched: ReadonlySet<CompiledSegment> } {
  const counters: Record<string, Counter> = { ...before };
  const touched = new Set<CompiledSegment>();
  for (const [key, counter] of Object.entries(before)) {
    if (!hasTurned(counter, now)) continue;
    const { next, asking } = turned(segments, key, counter, { person, now });
    // What nobody asks any more must not stay due.
    if (next === undefined) delete counters[key];
    else counters[key] = next;
    for (const segment of asking) touched.add(segment);
  }
  return { counters, touched };
}

const hasTurned = (counter: Counter, now: number): boolean =>
  typeof counter === 'object' && counter.flipsAt !== null && counter.flipsAt <= now;

function turned(
  { byCounter, byClock }: Segments,
  key: string,
  counter: Counter,
  { person, now }: { readonly person: Person; readonly now: number },
): { next: Counter | undefined; asking: readonly CompiledSegment[] } {
  const rule = byCounter.get(key);
  if (rule !== undefined) return { next: aged(counter, rule, { now, timezone: person.timezone }), asking: rule.segments };
  const clock = byClock.get(key);
  return { next: clock && clockOf(clock, person, now), asking: clock?.segments ?? [] };
}
