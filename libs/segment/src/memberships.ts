import type { Values } from '@tidings/contracts';
import type { Counters } from './counter.js';
import type { Segments } from './segments.js';
import { subjectOf } from './subject.js';

/** Ids of all segments that a profile with these traits and counters is in at `now`: what a recomputation answers. */
export function memberships(segments: Segments, traits: Values, counters: Counters, now: Date): string[] {
  const subject = subjectOf(segments, traits, counters, now.getTime());
  return segments.all.filter(({ matches }) => matches(subject)).map(({ id }) => id);
}
