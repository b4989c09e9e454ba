import type { PropertyCondition, TraitCondition } from '@tidings/contracts';
import { momentOf, spanOf, type Span } from './moment.js';
import { patternTest } from './pattern.js';
import { timedNames, timedOf, type At } from './timed.js';

/** All that a value may be held against. */
export type Comparisons = Omit<TraitCondition, 'trait'>;
type Plain = Omit<PropertyCondition, 'property'>;
type Holds = (value: unknown, at: At) => boolean;

/** The names of the comparisons that hold or not, whatever the time. */
export const plainNames = [
  'equals',
  'notEquals',
  'oneOf',
  'contains',
  'exists',
  'greaterThan',
  'lessThan',
  'atLeast',
  'atMost',
  'between',
  'startsWith',
  'endsWith',
  'matches',
  'before',
  'after',
] as const;

/** The names of the comparisons; a trait condition has at least one of them. */
export const comparisonNames = [...plainNames, ...timedNames] as const;

/** The names among them that look at dates, which begin when they do in the profile's zone. */
export const datingNames = ['between', 'before', 'after', ...timedNames] as const;

/** Whether any comparison that is given looks at dates. */
export const looksAtDates = (given: Comparisons): boolean => datingNames.some((name) => given[name] !== undefined);

/**
 * A test of one value: every comparison that is given must hold. A value that is absent counts as null, and nothing
 * is converted: `"5"` neither equals nor exceeds 5.
 */
export function comparison(given: Comparisons): Holds {
  const plain = plainNames.flatMap((name) => (given[name] === undefined ? [] : [makers[name](given)]));
  const tests: readonly Holds[] = [...plain, ...timedOf(given).map(({ holds }) => holds)];
  const [first] = tests;
  return tests.length === 1 && first ? first : (value, at) => tests.every((holds) => holds(value, at));
}

const absent = (value: unknown): boolean => value === undefined || value === null;
const same = (value: unknown, wanted: unknown): boolean => (value ?? null) === wanted;

const makers: Readonly<Record<(typeof plainNames)[number], (given: Plain) => Holds>> = {
  equals: (given) => (value) => same(value, given.equals),
  notEquals: (given) => (value) => !same(value, given.notEquals),
  oneOf: (given) => {
    const wanted = new Set<unknown>(given.oneOf);
    return (value) => wanted.has(value ?? null);
  },
  contains:
    ({ contains }) =>
    (value) =>
      Array.isArray(value) ? value.includes(contains) : isPart(value, contains),
  exists: (given) => (value) => absent(value) !== given.exists,
  greaterThan: ({ greaterThan = Infinity }) => ofNumber((value) => value > greaterThan),
  lessThan: ({ lessThan = -Infinity }) => ofNumber((value) => value < lessThan),
  atLeast: ({ atLeast = Infinity }) => ofNumber((value) => value >= atLeast),
  atMost: ({ atMost = -Infinity }) => ofNumber((value) => value <= atMost),
  between: ({ between: [least, most] = [] }) =>
    typeof least === 'number' && typeof most === 'number'
      ? ofNumber((value) => value >= least && value <= most)
      : ofDate([least, most], (date, [from, until]) => date >= from.from && date < until.until),
  startsWith: ({ startsWith = '' }) => ofText((value) => value.startsWith(startsWith)),
  endsWith: ({ endsWith = '' }) => ofText((value) => value.endsWith(endsWith)),
  matches: ({ matches = '' }) => ofText(patternTest(matches)),
  before: ({ before }) => ofDate([before, before], (date, [bound]) => date < bound.from),
  after: ({ after }) => ofDate([after, after], (date, [bound]) => date >= bound.until),
};

const isPart = (value: unknown, part: unknown): boolean =>
  typeof value === 'string' && typeof part === 'string' && value.includes(part);

const ofNumber =
  (holds: (value: number) => boolean): Holds =>
  (value) =>
    typeof value === 'number' && holds(value);

const ofText =
  (holds: (value: string) => boolean): Holds =>
  (value) =>
    typeof value === 'string' && holds(value);

/** Dates among the value and its bounds begin and end when they do in the profile's zone. */
function ofDate(ends: readonly unknown[], holds: (date: number, bounds: readonly [Span, Span]) => boolean): Holds {
  let known: { readonly timezone: string | null; readonly bounds: readonly (Span | null)[] } | null = null;
  return (value, { timezone }) => {
    const date = momentOf(value, timezone);
    if (date === null) return false;
    // Most are asked in one zone after the other, and the bounds of a zone do not change.
    if (known?.timezone !== timezone) known = { timezone, bounds: ends.map((end) => spanOf(end, timezone)) };
    const [from = null, until = null] = known.bounds;
    return from !== null && until !== null && holds(date, [from, until]);
  };
}
