import type { Condition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** The condition does not hold. */
export function not(condition: { readonly not: Condition }, compile: (inner: Condition) => Matches): Matches {
  const matches = compile(condition.not);
  return (subject) => !matches(subject);
}
