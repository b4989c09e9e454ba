import Type, { type Static, type TSchema } from 'typebox';
import { Duration } from './duration.js';

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const closed = { additionalProperties: false } as const;

/** The comparisons a value can be held against; all that are given must hold. */
const comparisons = {
  equals: Type.Optional(Scalar),
  notEquals: Type.Optional(Scalar),
  oneOf: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 1000 })),
  /** Of a text: it has this part. Of a list: it has this item. */
  contains: Type.Optional(Scalar),
  exists: Type.Optional(Type.Boolean()),
  greaterThan: Type.Optional(Type.Number()),
  lessThan: Type.Optional(Type.Number()),
};

/** A comparison with a property of an event; `property` may name a nested one as `cart.id`. */
export const PropertyCondition = Type.Object({ property: Type.String({ minLength: 1 }), ...comparisons }, closed);
export type PropertyCondition = Static<typeof PropertyCondition>;

/** A comparison with a trait of the profile; `trait` may name a nested one as `address.city`. */
export const TraitCondition = Type.Object({ trait: Type.String({ minLength: 1 }), ...comparisons }, closed);
export type TraitCondition = Static<typeof TraitCondition>;

/** The profile did `performed` at least `atLeast` times within the last `withinLast`, or ever. */
export const PerformedCondition = Type.Object(
  {
    performed: Type.String({ minLength: 1, maxLength: 255 }),
    atLeast: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    withinLast: Type.Optional(Duration),
    where: Type.Optional(Type.Array(PropertyCondition, { minItems: 1, maxItems: 20 })),
  },
  closed,
);
export type PerformedCondition = Static<typeof PerformedCondition>;

/** The profile is in the segment of this id. Journeys may ask it; segments may not refer to each other yet. */
export const SegmentCondition = Type.Object({ segment: Type.String({ minLength: 1 }) }, closed);
export type SegmentCondition = Static<typeof SegmentCondition>;

/** One rule of the condition language; its kind is the first of its keys that names one. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | TraitCondition
  | PerformedCondition
  | SegmentCondition;

const self = Type.Unsafe<Condition>(Type.Ref('Condition'));
const list: TSchema = Type.Array(self, { minItems: 1, maxItems: 100 });

/** The schema of each kind of condition, by the key that names the kind. */
export const conditionKinds = {
  all: Type.Object({ all: list }, closed),
  any: Type.Object({ any: list }, closed),
  not: Type.Object({ not: self }, closed),
  trait: TraitCondition,
  performed: PerformedCondition,
  segment: SegmentCondition,
} as const;

/** The published schema of the whole language: a tree of `all`, `any`, `not` over leaves. */
export const ConditionSchema = Type.Unsafe<Condition>(
  Type.Cyclic({ Condition: Type.Union(Object.values(conditionKinds)) }, 'Condition'),
);
