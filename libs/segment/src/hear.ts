import type { Values } from '@tidings/contracts';
import { counted, type Counters } from './counter.js';
import type { Membership } from './membership.js';
import type { CompiledSegment, CounterRule, Segments } from './segments.js';
import { answered, dueOf, subjectOf } from './subject.js';

/** Something that a profile did, with the moment that it counts for, in ms. */
export interface Occurrence {
  readonly name: string;
  readonly properties: Values;
  readonly at: number;
}

/** What an event says and leaves behind; `now` is when it was received, in ms. */
export interface Facts {
  readonly occurrence: Occurrence | null;
  /** The traits as they are after the event, and the names of those that it changed. */
  readonly traits: Values;
  readonly changed: readonly string[];
  readonly now: number;
}

/**
 * The membership after an event. Only segments that mention it, or a trait it changed, are asked; the others answer as
 * before, provided that time was made to pass up to `now` first. An event that was received before the last moment
 * that was looked at belongs to that moment.
 */
export function hear(segments: Segments, membership: Membership, facts: Facts): Membership {
  const now = Math.max(membership.evaluatedAt, facts.now);
  const hits = hitBy(segments, facts.occurrence);
  const touched = new Set(hits.flatMap((rule) => rule.segments));
  for (const name of facts.changed) for (const segment of segments.byTrait.get(name) ?? []) touched.add(segment);
  return settled(segments, { ...membership, evaluatedAt: now }, { ...facts, now }, { hits, touched });
}

/** The membership of a profile that nobody knew before this event. */
export function enrol(segments: Segments, facts: Facts): Membership {
  const { revision, publishedAt } = segments;
  const { now } = facts;
  const nothing = {
    segments: [],
    counters: {},
    dueAt: null,
    evaluatedAt: now,
    revision,
    revisedAt: publishedAt,
    knownAt: publishedAt,
  };
  return settled(segments, nothing, facts, { hits: hitBy(segments, facts.occurrence), touched: segments.all });
}

interface Touched {
  readonly hits: readonly CounterRule[];
  readonly touched: Iterable<CompiledSegment>;
}

function settled(segments: Segments, membership: Membership, facts: Facts, { hits, touched }: Touched): Membership {
  const { occurrence, traits, now } = facts;
  const counters =
    occurrence === null ? membership.counters : withCounts(membership.counters, hits, occurrence.at, now);
  return {
    ...membership,
    counters,
    segments: answered(membership.segments, touched, subjectOf(segments, traits, counters, now)),
    dueAt: counters === membership.counters ? membership.dueAt : dueOf(counters),
  };
}

const hitBy = (segments: Segments, occurrence: Occurrence | null): readonly CounterRule[] =>
  occurrence === null
    ? []
    : (segments.byEvent.get(occurrence.name) ?? []).filter((rule) => rule.counts(occurrence.properties));

function withCounts(counters: Counters, hits: readonly CounterRule[], at: number, now: number): Counters {
  if (hits.length === 0) return counters;
  const next = { ...counters };
  for (const rule of hits) next[rule.key] = counted(counters[rule.key], rule, at, now);
  return next;
}
