import type { PropertyCondition } from '@tidings/contracts';

type Comparisons = Omit<PropertyCondition, 'property'>;
type Holds = (value: unknown) => boolean;

/** The names of the comparisons; a trait or property condition has at least one of them. */
export const comparisonNames = [
  'equals',
  'notEquals',
  'oneOf',
  'contains',
  'exists',
  'greaterThan',
  'lessThan',
] as const;

/**
 * A test of one value: every comparison that is given must hold. A value that is absent counts as null, and nothing
 * is converted: `"5"` neither equals nor exceeds 5.
 */
export function comparison(given: Comparisons): Holds {
  const tests = comparisonNames.flatMap((name) => (given[name] === undefined ? [] : [makers[name](given)]));
  const [first] = tests;
  return tests.length === 1 && first ? first : (value) => tests.every((holds) => holds(value));
}

const absent = (value: unknown): boolean => value === undefined || value === null;
const same = (value: unknown, wanted: unknown): boolean => (value ?? null) === wanted;

const makers: Readonly<Record<(typeof comparisonNames)[number], (given: Comparisons) => Holds>> = {
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
  greaterThan:
    ({ greaterThan = Infinity }) =>
    (value) =>
      typeof value === 'number' && value > greaterThan,
  lessThan:
    ({ lessThan = -Infinity }) =>
    (value) =>
      typeof value === 'number' && value < lessThan,
};

const isPart = (value: unknown, part: unknown): boolean =>
  typeof value === 'string' && typeof part === 'string' && value.includes(part);
