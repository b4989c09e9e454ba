import type { Person } from '@tidings/condition';
import type { Counter, Counters } from './counters.js';
import type { Segments } from './segments.js';
import { dueOf } from './subject.js';
import { aged, clockOf } from './tally.js';

/**
 * The moment after `now` at which time alone changes the answer of some condition, or null when it never does. Never
 * late: until then every segment answers as it does now.
 */
export function nextChange(segments: Segments, person: Person, counters: Counters, now: Date): Date | null {
  const due = dueOf(countersAt(segments, person, counters, now.getTime()));
  return due === null ? null : new Date(due);
}

/** The counters that these segments need, as they are at `now`, with the moments that time brings. */
export function countersAt(segments: Segments, person: Person, counters: Counters, now: number): Counters {
  const current: Record<string, Counter> = {};
  for (const [key, rule] of segments.byCounter) {
    const counter = counters[key];
    const left = counter && aged(counter, rule, { now, timezone: person.timezone });
    if (left !== undefined) current[key] = left;
  }
  for (const [key, clock] of segments.byClock) {
    const counter = clockOf(clock, person, now);
    if (counter !== undefined) current[key] = counter;
  }
  // What was taken of somebody stays as it is.
  for (const { key } of segments.snapshots) {
    const held = counters[key];
    if (held !== undefined) current[key] = held;
  }
  return current;
}
