import type { Person } from '@tidings/condition';
import type { Counters } from './counters.js';
import { countersOf, type PastOccurrence } from './history.js';
import type { Membership } from './membership.js';
import { countersAt } from './next-change.js';
import type { Segments } from './segments.js';
import { takenOfAll } from './snapshots.js';
import { dueOf, idsOf } from './subject.js';

/** What a profile gains when another turns out to be the same person. */
export interface Joined {
  /** The person with what is known of both. */
  readonly person: Person;
  /** What the other did, as far back as anybody asks, in whatever order. */
  readonly history: Iterable<PastOccurrence>;
  /** What is kept of the other: what snapshots took is in no history. */
  readonly kept?: readonly Counters[];
  /** In ms; when both are known to be one. */
  readonly now: number;
}

/**
 * The membership of a profile that another was merged into: what the other did counts for its own time, as if it had been
 * this profile's and came late. Every segment is asked; in a snapshot is who was in it as either.
 */
export function join(segments: Segments, membership: Membership, { person, history, kept = [], now }: Joined): Membership {
  const evaluatedAt = Math.max(membership.evaluatedAt, now);
  const counted = countersOf([...segments.byCounter.values()], history, evaluatedAt, membership.counters);
  const counters = {
    ...countersAt(segments, person, counted, evaluatedAt),
    ...takenOfAll([membership.counters, ...kept]),
  };
  return {
    ...membership,
    counters,
    evaluatedAt,
    segments: idsOf(segments, person, counters, evaluatedAt),
    dueAt: dueOf(counters),
  };
}
