import type { At } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { Tallies } from './tally.js';

/** What every computed trait comes to at a moment and in a zone, by its id; those without a value are left out. */
export function computedValues(
  { computed, byCounter }: Segments,
  counters: Counters,
  when: At,
): Record<string, ComputedValue> {
  const done = new Tallies(byCounter, counters, when);
  const values: Record<string, ComputedValue> = {};
  for (const [id, read] of computed) {
    const value = read(done, when.now);
    if (value !== undefined) values[id] = value;
  }
  return values;
}
