import type { PerformedCondition, ShapeProblem } from '@tidings/contracts';
import { plainNames } from './comparison.js';
import { betweenProblems, comparisonProblems, momentProblems } from './comparison-problems.js';
import { apart, countNames, countProblems } from './count-problems.js';
import { aggregateNames } from './performed-questions.js';

const windowNames = ['withinLast', 'since', 'between'] as const;
const propertyNames = [...aggregateNames, 'distinct'] as const;
const timeNames = ['firstTime', 'lastTime'] as const;
const numberNames = plainNames.slice(0, plainNames.indexOf('startsWith')).filter((name) => name !== 'contains');

type Field = keyof PerformedCondition;

/** What is wrong with a `performed` whose shape is right: fields that ask two things at once, or nothing. */
export function performedProblems(condition: PerformedCondition, place: string): ShapeProblem[] {
  const given = (names: readonly Field[]) => names.filter((name) => condition[name] !== undefined);
  const counts = given(countNames);
  const windows = given(windowNames);
  const properties = given(propertyNames);
  const times = given(timeNames);
  const asked = [counts, properties, times].filter(({ length }) => length > 0);
  return [
    ...(asked.length > 1 ? [apart(place, asked.flat())] : []),
    ...(times.length > 0 ? together(place, [...times, ...windows], times.length) : []),
    ...together(place, windows, 1),
    ...together(place, properties, 1),
    ...countProblems(condition, place),
    ...valueProblems(condition, place, properties.length > 0),
    ...momentsProblems(condition, place),
  ];
}

const together = (place: string, names: readonly Field[], most: number): ShapeProblem[] =>
  names.length > most ? [apart(place, names)] : [];

function valueProblems({ value }: PerformedCondition, place: string, isAsked: boolean): ShapeProblem[] {
  if (value === undefined)
    return isAsked ? [{ place: `${place}.value`, message: 'is missing: what must hold of the property' }] : [];
  if (!isAsked)
    return [{ place: `${place}.value`, message: `needs one of ${propertyNames.join(', ')} to say of what` }];
  return comparisonProblems(value, `${place}.value`, numberNames);
}

function momentsProblems({ since, between, firstTime, lastTime }: PerformedCondition, place: string): ShapeProblem[] {
  return [
    ...momentProblems(since, `${place}.since`),
    ...(between === undefined ? [] : betweenProblems(between, `${place}.between`)),
    ...Object.entries({ firstTime, lastTime }).flatMap(([name, asked]) => [
      ...momentProblems(asked?.before, `${place}.${name}.before`),
      ...momentProblems(asked?.after, `${place}.${name}.after`),
    ]),
  ];
}
