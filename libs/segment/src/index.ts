/**
 * Who is in which segment, kept up to date event by event and exactly equal to a recomputation from all events.
 * Knows counters, windows and the moment at which time alone changes an answer; not where any of it is stored, nor
 * what time it is.
 */
export { countersOf, missingCounters, neededSince, type PastOccurrence } from './history.js';
export { enrol, hear, type Facts, type Occurrence } from './hear.js';
export { memberships } from './memberships.js';
export { changeOf, disown, isBehind, type Membership, type MembershipChange } from './membership.js';
export { nextChange } from './next-change.js';
export { passTime } from './pass-time.js';
export { revise } from './revise.js';
export { compileSegments, type CounterRule, type PublishedSegment, type Segments } from './segments.js';
export type { Counter, Counters } from './counter.js';
