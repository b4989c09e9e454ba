import type { TraitCondition } from '@tidings/contracts';
import { comparison, looksAtDates } from '../comparison.js';
import type { Matches } from '../compile.js';
import { valueAt } from '../own-value.js';

/** The trait compares as asked. */
export function trait({ trait: path, ...given }: TraitCondition): Matches {
  const read = valueAt(path);
  const holds = comparison(given);
  if (looksAtDates(given))
    return ({ person: { traits, timezone }, now }) => holds(read(traits), { now, timezone });
  return ({ person }) => holds(read(person.traits), whenever);
}

/** What looks at no dates is the same at any time. */
const whenever = { now: 0, timezone: null };
