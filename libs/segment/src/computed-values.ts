import type { ComputedValue } from '@tidings/contracts';
import type { Counters } from './counters.js';
import type { Segments } from './segments.js';
import { Tallies } from './tally.js';

/** What every computed trait comes to at `now`, in ms, by its id; those without a value are left out. */
export function computedValues(
  { computed, byCounter }: Segments,
  counters: Counters,
  now: number,
): Record<string, ComputedValue> {
  const done = new Tallies(byCounter, counters, now);
  const values: Record<string, ComputedValue> = {};
  for (const [id, read] of computed) {
    const value = read(done, now);
    if (value !== undefined) values[id] = value;
  }
  return values;
}
