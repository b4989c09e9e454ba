import type { Values } from '@tidings/contracts';
import { aged, type Counter, type Counters } from './counter.js';
import type { Membership } from './membership.js';
import type { Segments } from './segments.js';
import { dueOf, subjectOf } from './subject.js';

/**
 * The membership after segments were published, changed or archived, as it was when they were: the same answer and
 * position, whenever and by whomever it is worked out. `past` has the counters that the profile has not kept yet,
 * from its history.
 */
export function revise(segments: Segments, membership: Membership, traits: Values, past: Counters): Membership {
  const { revision, publishedAt } = segments;
  const evaluatedAt = Math.max(membership.evaluatedAt, publishedAt);
  const counters: Record<string, Counter> = {};
  for (const [key, rule] of segments.byCounter) {
    const counter = membership.counters[key] ?? past[key];
    if (counter !== undefined) counters[key] = aged(counter, rule, evaluatedAt);
  }
  const subject = subjectOf(segments, traits, counters, evaluatedAt);
  const held = segments.all.filter(({ matches }) => matches(subject));
  const ids = held.map(({ id }) => id);
  return {
    segments: sameIds(ids, membership.segments) ? membership.segments : ids,
    counters,
    evaluatedAt,
    dueAt: dueOf(counters),
    revision,
    revisedAt: membership.revisedAt < publishedAt ? publishedAt : membership.revisedAt + 1,
    knownAt: publishedAt,
  };
}

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index]);
