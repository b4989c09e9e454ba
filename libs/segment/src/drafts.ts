import type { Person } from '@tidings/condition';
import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { subjectOf } from './subject.js';

/** Ids of those drafts that hold at `now` of somebody who is in these published segments; a draft asks for no other draft. */
export function draftsHolding(
  drafts: Segments,
  person: Person,
  counters: Counters,
  published: Iterable<string>,
  now: Date,
): string[] {
  const subject = subjectOf(drafts, person, counters, now.getTime(), new Set(published));
  return drafts.all.filter(({ matches }) => matches(subject)).map(({ id }) => id);
}
