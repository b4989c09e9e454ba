import type { ShapeProblem } from '@tidings/contracts';
import type { Counts } from './performed-questions.js';

/** The names of what a count can be asked for. */
export const countNames = ['atLeast', 'atMost', 'exactly', 'never'] as const satisfies readonly (keyof Counts)[];

/** What is wrong with the counts of a leaf whose shape is right: two that cannot be asked at once. */
export function countProblems(counts: Counts, place: string): ShapeProblem[] {
  const { atLeast = 0, atMost = Infinity, exactly, never } = counts;
  const given = countNames.filter((name) => counts[name] !== undefined);
  if ((exactly !== undefined || never !== undefined) && given.length > 1) return [apart(place, given)];
  return atLeast <= atMost ? [] : [{ place: `${place}.atMost`, message: 'must not be less than atLeast' }];
}

/** That these fields of one leaf ask different things. */
export const apart = (place: string, names: readonly string[]): ShapeProblem => ({
  place,
  message: `asks different things with ${names.join(', ')}: give each a condition of its own in an \`all\``,
});
