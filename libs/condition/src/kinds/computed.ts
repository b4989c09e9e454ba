import type { ComputedCondition } from '@tidings/contracts';
import { comparison } from '../comparison.js';
import type { Matches } from '../compile.js';

/** The computed trait compares as asked; one that is absent, or that nobody defined, counts as null. */
export function computed({ computed: id, ...given }: ComputedCondition): Matches {
  const holds = comparison(given);
  return (subject) => holds(subject.computed(id), { now: subject.now, timezone: subject.person.timezone });
}
