import type { Subject } from '@tidings/condition';
import type { Values } from '@tidings/contracts';
import { countIn, type Counters } from './counter.js';
import type { CompiledSegment, Segments } from './segments.js';

/** One profile at one moment. Segments do not refer to each other, so it is in none as far as they can ask. */
export const subjectOf = (segments: Segments, traits: Values, counters: Counters, now: number): Subject => ({
  traits,
  count: (key, windowMs) => countIn(counters[key], segments.byCounter.get(key)?.granularity ?? 'ever', windowMs, now),
  isIn: () => false,
});

/** The ids after some segments were asked again; the same list when every answer is as it was. */
export function answered(
  ids: readonly string[],
  asked: Iterable<CompiledSegment>,
  subject: Subject,
): readonly string[] {
  const held = new Set(ids);
  let changed = false;
  for (const { id, matches } of asked) {
    if (matches(subject) === held.has(id)) continue;
    changed = true;
    if (!held.delete(id)) held.add(id);
  }
  return changed ? [...held].toSorted() : ids;
}

/** When the first of the counters changes an answer. */
export function dueOf(counters: Counters): number | null {
  let due = Infinity;
  for (const key in counters) {
    const counter = counters[key];
    if (typeof counter === 'object' && counter.flipsAt !== null && counter.flipsAt < due) due = counter.flipsAt;
  }
  return due === Infinity ? null : due;
}
