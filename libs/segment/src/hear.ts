import type { Aspect, Person } from '@tidings/condition';
import { keep, type Counter, type Counters } from './counters.js';
import { countingPoint, startOf } from './fences.js';
import type { Membership } from './membership.js';
import type { ClockRule, CounterRule, Occurrence } from './rules.js';
import type { CompiledSegment, Segments } from './segments.js';
import { noneTaken } from './snapshots.js';
import { answered, dueOf } from './subject.js';
import { aged, clockOf, tallied } from './tally.js';

/** What an event says and leaves behind; `now` is when it was received, in ms. */
export interface Facts {
  readonly occurrence: Occurrence | null;
  /** Where it says that the person was; left out where it does not. */
  readonly point?: Occurrence | null;
  /** The person as they are after the event, and the names of the traits and aspects that it changed. */
  readonly person: Person;
  /** Where they were before it; where it is left out, nothing is known of that. */
  readonly was?: Pick<Person, 'place'>;
  readonly changed: readonly string[];
  readonly aspects: readonly Aspect[];
  readonly now: number;
}

/**
 * The membership after an event. Only segments that mention it, or something it changed, are asked, and those that ask
 * for one of them that changed; the others answer as before, provided that time was made to pass up to `now` first. An
 * event that was received before the last moment that was looked at belongs to that moment.
 */
export function hear(segments: Segments, membership: Membership, facts: Facts): Membership {
  const now = Math.max(membership.evaluatedAt, facts.now);
  const hits = hitsOf(segments, membership.counters, facts);
  const touched = new Set(hits.flatMap(({ rule }) => rule.segments));
  for (const name of facts.changed) for (const segment of segments.byTrait.get(name) ?? []) touched.add(segment);
  for (const aspect of facts.aspects) for (const segment of segments.byAspect.get(aspect) ?? []) touched.add(segment);
  for (const segment of enclosing(segments, facts)) touched.add(segment);
  const clocks = clocksOf(segments, facts);
  return settled(segments, { ...membership, evaluatedAt: now }, { ...facts, now }, { hits, clocks, touched });
}

/** The membership of a profile that nobody knew before this event. */
export function enrol(segments: Segments, facts: Facts): Membership {
  const { revision, publishedAt, all } = segments;
  const nothing = {
    segments: [],
    counters: noneTaken(segments, facts.now),
    dueAt: null,
    evaluatedAt: facts.now,
    revision,
    revisedAt: publishedAt,
    knownAt: publishedAt,
  };
  const clocks = [...segments.byClock.values()];
  return settled(segments, nothing, facts, { hits: hitsOf(segments, {}, facts), clocks, touched: all });
}

/** Whether any segment asks for what came back about messages. */
export const heedsMessages = ({ byMessage }: Segments, name: string): boolean => byMessage.has(name);

/** Whether any segment asks for just this. */
export const isHeeded = (segments: Segments, occurrence: Occurrence | null): boolean =>
  hitBy(segments, {}, occurrence).length > 0;

/** What an event is to a counter. */
interface Hit {
  readonly rule: CounterRule;
  readonly occurrence: Occurrence;
}

interface Touched {
  readonly hits: readonly Hit[];
  readonly clocks: readonly ClockRule[];
  readonly touched: Iterable<CompiledSegment>;
}

function settled(
  segments: Segments,
  membership: Membership,
  facts: Facts,
  { hits, clocks, touched }: Touched,
): Membership {
  const counted = withZone(segments, withCounts(membership.counters, hits, facts), facts);
  const counters = withClocks(counted, clocks, facts);
  return {
    ...membership,
    counters,
    segments: answered(segments, membership.segments, touched, { ...facts, counters }),
    dueAt: counters === membership.counters ? membership.dueAt : dueOf(counters),
  };
}

function hitsOf(segments: Segments, counters: Counters, { occurrence, point = null }: Facts): readonly Hit[] {
  return [occurrence, point].flatMap((each) =>
    each === null ? [] : hitBy(segments, counters, each).map((rule) => ({ rule, occurrence: each })),
  );
}

function hitBy({ byEvent, byMessage, byList, fences }: Segments, counters: Counters, occurrence: Occurrence | null): readonly CounterRule[] {
  if (occurrence === null) return [];
  const { heard, name } = occurrence;
  if (heard === 'place') return countingPoint(fences, counters, occurrence);
  const rules = { performed: byEvent, message: byMessage, listed: byList }[heard].get(name) ?? [];
  return rules.filter((rule) => rule.counts(occurrence));
}

/** What asks whether the person is in a circle is answered differently only of one that they are in now, or were in before. */
function enclosing({ byCircle: { near, all } }: Segments, { person, was, aspects }: Facts): readonly CompiledSegment[] {
  if (all.length === 0 || !aspects.includes('place')) return [];
  if (was === undefined) return all;
  return [was, person].flatMap(({ place }) => (place?.point === undefined ? [] : near.at(place.point)));
}

/** A date begins when it does in the profile's zone, so a zone moves all moments that time brings. */
function clocksOf({ byClock, byDated }: Segments, { changed, aspects }: Facts): readonly ClockRule[] {
  if (byClock.size === 0) return [];
  if (aspects.includes('timezone')) return [...byClock.values()];
  const named = aspects.includes('groups') ? [...changed, null] : changed;
  return [...new Set(named.flatMap((name) => byDated.get(name) ?? []))];
}

function withCounts(counters: Counters, hits: readonly Hit[], { person, now }: Facts): Counters {
  if (hits.length === 0) return counters;
  const next: Record<string, Counter> = { ...counters };
  for (const { rule, occurrence } of hits) {
    const before = counters[rule.key] ?? startOf(rule, counters);
    keep(next, rule.key, tallied(before, rule, occurrence, { now, timezone: person.timezone }));
  }
  return next;
}

/** What counts days, and what keeps a value that may be a date. */
const zoned: ReadonlySet<CounterRule['kind']> = new Set<CounterRule['kind']>(['streak', 'told', 'frequent', 'firsts']);

/** Days begin when they do in the profile's zone. */
function withZone({ byCounter }: Segments, counters: Counters, { aspects, person, now }: Facts): Counters {
  if (!aspects.includes('timezone')) return counters;
  const next: Record<string, Counter> = { ...counters };
  for (const [key, counter] of Object.entries(counters)) {
    const rule = byCounter.get(key);
    if (rule !== undefined && zoned.has(rule.kind)) keep(next, key, aged(counter, rule, { now, timezone: person.timezone }));
  }
  return next;
}

function withClocks(counters: Counters, clocks: readonly ClockRule[], { person, now }: Facts): Counters {
  if (clocks.length === 0) return counters;
  const next: Record<string, Counter> = { ...counters };
  for (const clock of clocks) {
    const counter = clockOf(clock, person, now);
    if (counter === undefined) delete next[clock.key];
    else next[clock.key] = counter;
  }
  return next;
}
