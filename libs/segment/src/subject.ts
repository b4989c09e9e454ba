import type { Person, Subject } from '@tidings/condition';
import type { Counters } from './counters.js';
import type { CompiledSegment, Segments } from './segments.js';
import { Tallies } from './tally.js';

/** One profile at one moment, who is in these segments so far. */
export const subjectOf = (
  { byCounter, computed }: Segments,
  person: Person,
  counters: Counters,
  now: number,
  held: ReadonlySet<string>,
): Subject => {
  const done = new Tallies(byCounter, counters, { now, timezone: person.timezone });
  return {
    person,
    now,
    done,
    isIn: (segment) => held.has(segment),
    computed: (id) => computed.get(id)?.(done, now),
  };
};

/** The ids of all segments that the profile is in at `now`, sorted. */
export function idsOf(segments: Segments, person: Person, counters: Counters, now: number): string[] {
  const held = new Set<string>();
  const subject = subjectOf(segments, person, counters, now, held);
  // Each comes after those it asks for.
  for (const { id, matches } of segments.all) if (matches(subject)) held.add(id);
  return [...held].toSorted();
}

/** Who is asked what, when some segments are asked again. */
export interface Asking {
  readonly person: Person;
  readonly counters: Counters;
  readonly now: number;
}

/**
 * The ids after some segments were asked again, and those that ask for the ones that changed; the same list when every
 * answer is as it was.
 */
export function answered(
  segments: Segments,
  ids: readonly string[],
  asked: Iterable<CompiledSegment>,
  { person, counters, now }: Asking,
): readonly string[] {
  const held = new Set(ids);
  const subject = subjectOf(segments, person, counters, now, held);
  const queue = segments.nested ? new Queue(asked) : asked;
  let changed = false;
  for (const { id, matches, dependents } of queue) {
    if (matches(subject) === held.has(id)) continue;
    changed = true;
    if (!held.delete(id)) held.add(id);
    if (queue instanceof Queue) queue.add(dependents);
  }
  return changed ? [...held].toSorted() : ids;
}

/** Segments by rank, each once. What is added while they are gone through ranks behind what adds it. */
class Queue {
  private readonly segments: CompiledSegment[];
  private readonly queued: Set<CompiledSegment>;

  constructor(asked: Iterable<CompiledSegment>) {
    this.segments = [...asked].toSorted((a, b) => a.rank - b.rank);
    this.queued = new Set(this.segments);
  }

  add(segments: readonly CompiledSegment[]): void {
    for (const segment of segments) {
      if (this.queued.has(segment)) continue;
      this.queued.add(segment);
      let index = this.segments.length;
      while ((this.segments[index - 1]?.rank ?? -1) > segment.rank) index--;
      this.segments.splice(index, 0, segment);
    }
  }

  /** An array is gone through by its indexes, so it meets what was added. */
  [Symbol.iterator](): Iterator<CompiledSegment> {
    return this.segments[Symbol.iterator]();
  }
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
