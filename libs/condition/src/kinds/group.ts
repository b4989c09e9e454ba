import type { GroupCondition, TraitCondition, Values } from '@tidings/contracts';
import { comparison } from '../comparison.js';
import type { Matches } from '../compile.js';
import { valueAt } from '../own-value.js';
import type { At } from '../timed.js';

/** One of the person's groups compares as asked, in everything that is asked. */
export function group({ group: { where = [], ...first } }: GroupCondition): Matches {
  const tests = [first, ...where].map(testOf);
  return ({ person: { groups = [], timezone }, now }) => {
    const at = { now, timezone };
    return groups.some(({ traits }) => tests.every((holds) => holds(traits, at)));
  };
}

function testOf({ trait, ...given }: TraitCondition): (traits: Values, at: At) => boolean {
  const read = valueAt(trait);
  const holds = comparison(given);
  return (traits, at) => holds(read(traits), at);
}
