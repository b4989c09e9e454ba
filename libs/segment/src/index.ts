/**
 * Who is in which segment, kept up to date event by event and exactly equal to a recomputation from all events.
 * Knows counters, windows and the moment at which time alone changes an answer; not where any of it is stored, nor
 * what time it is.
 */
export { computedValues } from './computed-values.js';
export { dependenciesOf, type Dependencies } from './dependencies.js';
export { countersOf, missingCounters, neededSince, type PastOccurrence } from './history.js';
export { draftsHolding } from './drafts.js';
export { enrol, hear, heedsMessages, isHeeded, type Facts } from './hear.js';
export { join } from './join.js';
export { memberships } from './memberships.js';
export { changeOf, disown, isBehind, type Membership, type MembershipChange } from './membership.js';
export { nextChange } from './next-change.js';
export { passTime } from './pass-time.js';
export { relyingOnBefore } from './relying.js';
export { revise } from './revise.js';
export type { CounterRule, Occurrence } from './rules.js';
export { takenIn, untaken } from './snapshots.js';
export { compileSegments, type PublishedSegment, type Segments } from './segments.js';
export type { Counter, Counters } from './counters.js';
