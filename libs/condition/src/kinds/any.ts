import type { Condition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** At least one of the conditions holds. */
export function any(
  condition: { readonly any: readonly Condition[] },
  compile: (inner: Condition) => Matches,
): Matches {
  const tests = condition.any.map(compile);
  return (subject) => tests.some((matches) => matches(subject));
}
