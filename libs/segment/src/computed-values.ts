import type { At } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { Tallies } from './tally.js';

/** So many characters have texts together: what is told of a person goes into a record whose size has a bound. */
const MAX_TEXTS_LENGTH = 65_536;

/**
 * What every computed trait comes to at a moment and in a zone, by its id; those without a value are left out, and texts that have no
 * room beside those of ids before theirs.
 */
export function computedValues(
  { computed, byCounter }: Segments,
  counters: Counters,
  when: At,
): Record<string, ComputedValue> {
  const done = new Tallies(byCounter, counters, when);
  const values: Record<string, ComputedValue> = {};
  let room = MAX_TEXTS_LENGTH;
  for (const [id, read] of computed) {
    const value = read(done, when.now);
    const length = typeof value === 'string' ? value.length : 0;
    if (value === undefined || length > room) continue;
    room -= length;
    values[id] = value;
  }
  return values;
}
