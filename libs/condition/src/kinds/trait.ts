import type { TraitCondition } from '@tidings/contracts';
import { comparison } from '../comparison.js';
import type { Matches } from '../compile.js';
import { valueAt } from '../own-value.js';

/** The trait compares as asked. */
export function trait({ trait: path, ...given }: TraitCondition): Matches {
  const read = valueAt(path);
  const holds = comparison(given);
  return ({ traits }) => holds(read(traits));
}
