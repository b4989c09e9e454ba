import type { Person } from '@tidings/condition';
import type { Counters } from './counters.js';
import type { Membership } from './membership.js';
import { countersAt } from './next-change.js';
import type { Segments } from './segments.js';
import { dueOf, idsOf } from './subject.js';

/**
 * The membership after segments were published, changed or archived, as it was when they were: the same answer and
 * position, whenever and by whomever it is worked out. `past` has the counters that the profile has not kept yet,
 * from its history.
 */
export function revise(segments: Segments, membership: Membership, person: Person, past: Counters): Membership {
  const { revision, publishedAt } = segments;
  const evaluatedAt = Math.max(membership.evaluatedAt, publishedAt);
  const counters = countersAt(segments, person, { ...past, ...membership.counters }, evaluatedAt);
  const ids = idsOf(segments, person, counters, evaluatedAt);
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
