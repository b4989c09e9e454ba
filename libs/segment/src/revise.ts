import type { Person } from '@tidings/condition';
import type { Counters } from './counters.js';
import type { Membership } from './membership.js';
import { countersAt } from './next-change.js';
import type { Segments } from './segments.js';
import { taken } from './snapshots.js';
import { dueOf, idsOf } from './subject.js';

/** A person, and since when they are known; left out by those who always were. */
type Revised = Person & { readonly createdAt?: string };

/**
 * The membership after segments were published, changed or archived, as it was when they were: the same answer and
 * position, whenever and by whomever it is worked out. `past` has the counters that the profile has not kept yet,
 * from its history. Snapshots that were not taken of the profile yet are, each as of its own moment.
 */
export function revise(segments: Segments, membership: Membership, person: Revised, past: Counters): Membership {
  const { revision, publishedAt } = segments;
  const evaluatedAt = Math.max(membership.evaluatedAt, publishedAt);
  const known = { ...past, ...membership.counters };
  const createdAt = person.createdAt === undefined ? -Infinity : Date.parse(person.createdAt);
  const held = taken(segments, membership, person, { counters: known, createdAt });
  const counters = countersAt(segments, person, { ...known, ...held }, evaluatedAt);
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
