import Type, { type Static } from 'typebox';
import { PropertyCondition } from './condition.js';
import { Duration } from './duration.js';
import { DefinitionId } from './definition-id.js';

/** The path of a property, such as `total` or `cart.id`. */
const Path = Type.String({ minLength: 1, maxLength: 255 });

/** What a computed trait can work out of an event, by the field that says it; each computed trait has just one of them. */
export const computations = {
  /** How often it was done. */
  count: Type.Literal(true),
  sum: Path,
  average: Path,
  minimum: Path,
  maximum: Path,
  /** How many different values. */
  distinct: Path,
  /** The value that it had first. */
  first: Path,
  /** The value that it had last. */
  last: Path,
  /** The value that it had most often. */
  mostFrequent: Path,
  /** Whole days of 24 hours since it was done last. */
  daysSince: Type.Literal('last'),
  /** On how many days in a row, by the calendar where the person lives. */
  streak: Type.Literal('days'),
} as const;

const { count, sum, average, minimum, maximum, distinct, first, last, mostFrequent, daysSince, streak } = computations;

/** A computed trait as a person writes it in `computed-traits/<id>.yaml`: one value worked out of one event. */
export const ComputedTraitDefinition = Type.Object(
  {
    id: DefinitionId,
    name: Type.Optional(Type.String({ maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    performed: Type.String({ minLength: 1, maxLength: 255 }),
    where: Type.Optional(Type.Array(PropertyCondition, { minItems: 1, maxItems: 20 })),
    withinLast: Type.Optional(Duration),
    count: Type.Optional(count),
    sum: Type.Optional(sum),
    average: Type.Optional(average),
    minimum: Type.Optional(minimum),
    maximum: Type.Optional(maximum),
    distinct: Type.Optional(distinct),
    first: Type.Optional(first),
    last: Type.Optional(last),
    mostFrequent: Type.Optional(mostFrequent),
    daysSince: Type.Optional(daysSince),
    streak: Type.Optional(streak),
    /** So many missed days do not end a streak; none when left out. */
    freezeDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 })),
  },
  { additionalProperties: false },
);
export type ComputedTraitDefinition = Static<typeof ComputedTraitDefinition>;
