import type { Person } from '@tidings/condition';
import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { idsOf } from './subject.js';

/** Ids of all segments that a profile with these counters is in at `now`: what a recomputation answers. */
export const memberships = (segments: Segments, person: Person, counters: Counters, now: Date): string[] =>
  idsOf(segments, person, counters, now.getTime());
