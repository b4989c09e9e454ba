/**
 * What a journey is, whether one is right, and where it takes a profile: one pure transition path for events and
 * timers. Knows no database, no clock and no consent; whether a message may be sent is decided in `delivery`.
 */
export { checkJourney } from './check-journey.js';
export type { Effect, EntryKind, MessageAsked } from './effect.js';
export { follow, followDue, followLate, followUnheard, MAX_ACTIVE_RUNS, type Followed } from './follow.js';
export { hasHeard, hasHeardLate, hasHeardSince, withCause, withCauseSince, withSources, type Heard } from './heard.js';
export { messageId } from './ids.js';
export { instantOf, plus, type Instant } from './instant.js';
export { compileJourney, type Journey } from './journey.js';
export { journeysOf, type Journeys } from './journeys.js';
export { mergeProgress, type Dissolved, type MergedProgress } from './merge-progress.js';
export { isActive, nextWake, noProgress, type EntryEvent, type Progress, type Run } from './run.js';
