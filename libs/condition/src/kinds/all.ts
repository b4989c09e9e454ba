import type { Condition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** Every one of the conditions holds. */
export function all(
  condition: { readonly all: readonly Condition[] },
  compile: (inner: Condition) => Matches,
): Matches {
  const tests = condition.all.map(compile);
  return (subject) => tests.every((matches) => matches(subject));
}
