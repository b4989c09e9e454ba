import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { isTaken } from './snapshots.js';

/** Which segments one profile is in, and everything that is needed to keep that right. */
export interface Membership {
  /** Ids of the segments the profile is in, sorted. */
  readonly segments: readonly string[];
  readonly counters: Counters;
  /** The latest moment that the answers were given for, in ms; it never goes back. */
  readonly evaluatedAt: number;
  /** The exact moment at which time alone changes an answer, in ms; null when it never does. */
  readonly dueAt: number | null;
  /** The set of segments that the answers were given for; empty when it must be looked at anew. */
  readonly revision: string;
  /** The position of the latest revision; each next one is higher. */
  readonly revisedAt: number;
  /** The newest `publishedAt` that anybody who touched this profile knew of. */
  readonly knownAt: number;
}

/** What a change of membership looks like from outside. */
export interface MembershipChange {
  readonly entered: readonly string[];
  readonly left: readonly string[];
}

const unchanged: MembershipChange = { entered: [], left: [] };

/** The segments entered and left between two states of one profile. */
export function changeOf(before: readonly string[], after: readonly string[]): MembershipChange {
  if (before === after) return unchanged;
  const was = new Set(before);
  const is = new Set(after);
  return { entered: after.filter((id) => !was.has(id)), left: before.filter((id) => !is.has(id)) };
}

/** Definitions reach every process within seconds; after this long they were taken back, not delayed. */
const CATCH_UP_MS = 600_000;

/** Whether somebody who touched this profile knew of newer segments than these. */
export function isBehind(segments: Segments, membership: Membership, now: number): boolean {
  return membership.knownAt > segments.publishedAt && now - membership.knownAt < CATCH_UP_MS;
}

/**
 * The membership as it may be changed by one who is behind: counters that these segments would not keep counting are
 * given up, and the next one who is not behind looks at everything anew. What snapshots took can be had from nowhere else and stays.
 */
export function disown(segments: Segments, membership: Membership): Membership {
  const counters = Object.entries(membership.counters).filter(
    ([key]) => segments.byCounter.has(key) || segments.byClock.has(key) || isTaken(key),
  );
  return { ...membership, counters: Object.fromEntries(counters), revision: '' };
}
