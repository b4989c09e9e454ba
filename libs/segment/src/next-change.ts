import { aged, type Counter, type Counters } from './counter.js';
import type { Segments } from './segments.js';
import { dueOf } from './subject.js';

/**
 * The moment after `now` at which time alone changes the answer of a `performed` condition, or null when it never
 * does. Never late: until then every segment answers as it does now.
 */
export function nextChange(segments: Segments, counters: Counters, now: Date): Date | null {
  const current: Record<string, Counter> = {};
  for (const [key, counter] of Object.entries(counters)) {
    const rule = segments.byCounter.get(key);
    if (rule !== undefined) current[key] = aged(counter, rule, now.getTime());
  }
  const due = dueOf(current);
  return due === null ? null : new Date(due);
}
