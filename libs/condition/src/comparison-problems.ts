import type { ShapeProblem } from '@tidings/contracts';
import type { Comparisons } from './comparison.js';
import { spanOf } from './moment.js';
import { patternProblem } from './pattern.js';

/** What is wrong with comparisons whose shapes are right. Without any, they would hold of everybody, which nobody means. */
export function comparisonProblems(given: Comparisons, place: string, names: readonly string[]): ShapeProblem[] {
  if (!names.some((name) => Object.hasOwn(given, name)))
    return [{ place, message: `must have at least one of ${names.join(', ')}` }];
  const pattern = given.matches === undefined ? null : patternProblem(given.matches);
  return [
    ...(pattern === null ? [] : [{ place: `${place}.matches`, message: pattern }]),
    ...momentProblems(given.before, `${place}.before`),
    ...momentProblems(given.after, `${place}.after`),
    ...(given.between === undefined ? [] : betweenProblems(given.between, `${place}.between`)),
  ];
}

/** What is wrong with a text that looks like a moment. */
export function momentProblems(moment: string | undefined, place: string): ShapeProblem[] {
  if (moment === undefined || spanOf(moment, null) !== null) return [];
  return [{ place, message: 'is no day or time of the calendar' }];
}

/** What is wrong with two ends. */
export function betweenProblems(ends: readonly (number | string)[], place: string): ShapeProblem[] {
  const [first, last] = ends;
  if (typeof first === 'number' && typeof last === 'number') return first <= last ? [] : [reversed(place)];
  if (typeof first !== 'string' || typeof last !== 'string')
    return [{ place, message: 'must have two numbers or two moments' }];
  const problems = [...momentProblems(first, `${place}[0]`), ...momentProblems(last, `${place}[1]`)];
  if (problems.length > 0) return problems;
  const [from, until] = [spanOf(first, null), spanOf(last, null)];
  return from !== null && until !== null && from.from < until.until ? [] : [reversed(place)];
}

const reversed = (place: string): ShapeProblem => ({ place, message: 'must have the lesser end first' });
