import Type, { type Static } from 'typebox';
import { Days, Duration } from './duration.js';
import { Moment } from './moment.js';

/** A value that can be compared as a whole. */
export const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const closed = { additionalProperties: false } as const;
const pair = { minItems: 2, maxItems: 2 } as const;
const part = Type.String({ minLength: 1, maxLength: 1000 });

const numberComparisons = {
  equals: Type.Optional(Type.Number()),
  notEquals: Type.Optional(Type.Number()),
  oneOf: Type.Optional(Type.Array(Type.Number(), { minItems: 1, maxItems: 1000 })),
  exists: Type.Optional(Type.Boolean()),
  greaterThan: Type.Optional(Type.Number()),
  lessThan: Type.Optional(Type.Number()),
  atLeast: Type.Optional(Type.Number()),
  atMost: Type.Optional(Type.Number()),
  /** Both ends count. */
  between: Type.Optional(Type.Array(Type.Number(), pair)),
};

const versionText = '^v?\\d{1,9}(\\.\\d{1,9}){0,4}(-[0-9A-Za-z.-]{1,64})?(\\+[0-9A-Za-z.-]{1,64})?$';
const version = Type.Optional(Type.String({ pattern: versionText }));

/** Comparisons of versions such as `3.10.1`, number by number: 3.9 is less than 3.10. */
export const VersionComparisons = Type.Object(
  { equals: version, atLeast: version, lessThan: version },
  { ...closed, minProperties: 1 },
);
export type VersionComparisons = Static<typeof VersionComparisons>;

/** The pattern of a version, and the same for people. */
export const versionPattern = { pattern: versionText, words: 'must be a version such as 3.10.1' } as const;

/** The comparisons a number that was worked out can be held against; all that are given must hold. */
export const NumberComparisons = Type.Object(numberComparisons, closed);
export type NumberComparisons = Static<typeof NumberComparisons>;

/** The comparisons a value can be held against; all that are given must hold. */
export const valueComparisons = {
  ...numberComparisons,
  equals: Type.Optional(Scalar),
  notEquals: Type.Optional(Scalar),
  oneOf: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 1000 })),
  /** Of a text: it has this part. Of a list: it has this item. */
  contains: Type.Optional(Scalar),
  startsWith: Type.Optional(part),
  endsWith: Type.Optional(part),
  /** A regular expression of RE2, found anywhere in the text. */
  matches: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** Two numbers or two moments; both ends count, and a date counts to its end. */
  between: Type.Optional(Type.Array(Type.Union([Type.Number(), Moment]), pair)),
  before: Type.Optional(Moment),
  after: Type.Optional(Moment),
};

/** What can be asked of a date besides, by the clock and by the calendar of the profile's zone. */
export const datedComparisons = {
  withinLast: Type.Optional(Duration),
  withinNext: Type.Optional(Duration),
  /** Month and day of the date come `in` so many days; today when that is left out. */
  anniversary: Type.Optional(Type.Object({ in: Type.Optional(Days) }, closed)),
};

/** What can be asked of the first or last time that something was done; all that are given must hold. */
export const TimeComparisons = Type.Object(
  { before: Type.Optional(Moment), after: Type.Optional(Moment), withinLast: Type.Optional(Duration) },
  { ...closed, minProperties: 1 },
);
export type TimeComparisons = Static<typeof TimeComparisons>;
