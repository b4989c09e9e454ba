import Type, { type Static, type TSchema } from 'typebox';
import { ConsentAnswer } from '../consent.js';
import {
  datedComparisons,
  NumberComparisons,
  TimeComparisons,
  valueComparisons,
  VersionComparisons,
} from './comparisons.js';
import { DefinitionId } from './definition-id.js';
import { Duration } from './duration.js';
import { Moment } from './moment.js';

const closed = { additionalProperties: false } as const;
const EventName = Type.String({ minLength: 1, maxLength: 255 });
const Path = Type.String({ minLength: 1 });
const times = (least: number) => Type.Optional(Type.Integer({ minimum: least, maximum: 100_000 }));

/** A comparison with a property of an event; `property` may name a nested one as `cart.id`. */
export const PropertyCondition = Type.Object({ property: Path, ...valueComparisons }, closed);
export type PropertyCondition = Static<typeof PropertyCondition>;

/** A comparison with a trait of the profile; `trait` may name a nested one as `address.city`. */
export const TraitCondition = Type.Object({ trait: Path, ...valueComparisons, ...datedComparisons }, closed);
export type TraitCondition = Static<typeof TraitCondition>;

/** A comparison with a computed trait, by its id. */
export const ComputedCondition = Type.Object(
  { computed: Type.String({ minLength: 1, maxLength: 63 }), ...valueComparisons, ...datedComparisons },
  closed,
);
export type ComputedCondition = Static<typeof ComputedCondition>;

const where = Type.Optional(Type.Array(PropertyCondition, { minItems: 1, maxItems: 20 }));

/**
 * What the profile did: how often (at least once when nothing else is said), what a property of it comes to (`value` says
 * what of it must hold), or when first and last. It counts ever, within the last time, since or between moments.
 */
export const PerformedCondition = Type.Object(
  {
    performed: EventName,
    atLeast: times(1),
    atMost: times(0),
    exactly: times(0),
    never: Type.Optional(Type.Literal(true)),
    withinLast: Type.Optional(Duration),
    since: Type.Optional(Moment),
    /** Both ends count, and a date counts to its end. */
    between: Type.Optional(Type.Array(Moment, { minItems: 2, maxItems: 2 })),
    where,
    sum: Type.Optional(Path),
    average: Type.Optional(Path),
    minimum: Type.Optional(Path),
    maximum: Type.Optional(Path),
    distinct: Type.Optional(Path),
    value: Type.Optional(NumberComparisons),
    firstTime: Type.Optional(TimeComparisons),
    lastTime: Type.Optional(TimeComparisons),
  },
  closed,
);
export type PerformedCondition = Static<typeof PerformedCondition>;

/** One event of a sequence. */
export const SequenceStep = Type.Object({ performed: EventName, where }, closed);
export type SequenceStep = Static<typeof SequenceStep>;

/**
 * The profile did these one after the other: the last at most `within` after the first, none of `without` between them,
 * and the last of them within `withinLast`.
 */
export const SequenceCondition = Type.Object(
  {
    sequence: Type.Array(SequenceStep, { minItems: 2, maxItems: 10 }),
    within: Type.Optional(Duration),
    without: Type.Optional(Type.Array(SequenceStep, { minItems: 1, maxItems: 10 })),
    withinLast: Type.Optional(Duration),
  },
  closed,
);
export type SequenceCondition = Static<typeof SequenceCondition>;

/** The state of a profile has room for so many messages. */
const messages = (least: number, most: number) => Type.Optional(Type.Integer({ minimum: least, maximum: most }));

/**
 * What became of messages, of how many: at least one when nothing else is said. `ignored` are those that were sent at least
 * `after` ago and were neither opened nor clicked to this day; of those, `withinLast` looks at when they were sent.
 */
export const MessageCondition = Type.Object(
  {
    message: Type.Enum([
      'delivered',
      'opened',
      'clicked',
      'bounced',
      'complained',
      'unsubscribed',
      'sent',
      'ignored',
    ]),
    journey: Type.Optional(Type.String({ minLength: 1 })),
    step: Type.Optional(Type.String({ minLength: 1 })),
    channel: Type.Optional(Type.String({ minLength: 1 })),
    atLeast: messages(1, 1000),
    atMost: messages(0, 999),
    exactly: messages(0, 999),
    never: Type.Optional(Type.Literal(true)),
    withinLast: Type.Optional(Duration),
    /** Of `ignored`: how long somebody has to open or click; a day when it is left out. */
    after: Type.Optional(Duration),
  },
  closed,
);
export type MessageCondition = Static<typeof MessageCondition>;

/** An id of a list that people keep: lower-case words joined by hyphens. */
export const ListId = DefinitionId;

/** Somebody put the profile on the list of this id, and nobody took it off since. */
export const ListedCondition = Type.Object({ listed: ListId }, closed);
export type ListedCondition = Static<typeof ListedCondition>;

/** The profile is in the segment of this id. */
export const SegmentCondition = Type.Object({ segment: Type.String({ minLength: 1 }) }, closed);
export type SegmentCondition = Static<typeof SegmentCondition>;

/** The profile has a device of which all of this is true. */
export const DeviceCondition = Type.Object(
  {
    device: Type.Object(
      {
        /** What the device says it is, such as `ios`; upper and lower case are the same. */
        platform: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        appVersion: Type.Optional(VersionComparisons),
        /** Whether it can be pushed to: a push token of it is known. */
        pushEnabled: Type.Optional(Type.Boolean()),
      },
      { ...closed, minProperties: 1 },
    ),
  },
  closed,
);
export type DeviceCondition = Static<typeof DeviceCondition>;

const PlaceName = Type.String({ minLength: 1, maxLength: 128 });
const placeNames = Type.Optional(Type.Union([PlaceName, Type.Array(PlaceName, { minItems: 1, maxItems: 250 })]));

/** All places on earth that are at most so far from a point. */
export const Circle = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    km: Type.Number({ minimum: 0.01, maximum: 20_040 }),
  },
  closed,
);
export type Circle = Static<typeof Circle>;

/**
 * Where the person was last: the names that were said, one or several of which are meant, and how far away the point was. Or
 * that a point outside of a circle was followed by one inside (`entered`), or the other way round (`left`), within the last time.
 */
export const PlaceCondition = Type.Object(
  {
    place: Type.Object(
      {
        country: placeNames,
        region: placeNames,
        city: placeNames,
        within: Type.Optional(Circle),
        entered: Type.Optional(Circle),
        left: Type.Optional(Circle),
        withinLast: Type.Optional(Duration),
      },
      { ...closed, minProperties: 1 },
    ),
  },
  closed,
);
export type PlaceCondition = Static<typeof PlaceCondition>;

/**
 * One of the person's groups has a trait that compares as asked, and meets all of `where` besides; `trait` may name a nested
 * one as `address.city`.
 */
export const GroupCondition = Type.Object(
  {
    group: Type.Object(
      {
        ...TraitCondition.properties,
        where: Type.Optional(Type.Array(TraitCondition, { minItems: 1, maxItems: 20 })),
      },
      closed,
    ),
  },
  closed,
);
export type GroupCondition = Static<typeof GroupCondition>;

/** What the person said about a channel, or about a subscription by its name. */
export const ConsentCondition = Type.Object(
  { consent: Type.String({ minLength: 1, maxLength: 255 }), is: ConsentAnswer },
  closed,
);
export type ConsentCondition = Static<typeof ConsentCondition>;

/** The profile is one of this share of all, always the same ones; another salt picks others. */
export const BucketCondition = Type.Object(
  {
    bucket: Type.Object(
      { percent: Type.Number({ minimum: 0, maximum: 100 }), salt: Type.Optional(Type.String({ maxLength: 255 })) },
      closed,
    ),
  },
  closed,
);
export type BucketCondition = Static<typeof BucketCondition>;

/** One rule of the condition language; its kind is the first of its keys that names one. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | TraitCondition
  | ComputedCondition
  | PerformedCondition
  | SequenceCondition
  | MessageCondition
  | ListedCondition
  | SegmentCondition
  | DeviceCondition
  | PlaceCondition
  | GroupCondition
  | ConsentCondition
  | BucketCondition;

const self = Type.Unsafe<Condition>(Type.Ref('Condition'));
const list: TSchema = Type.Array(self, { minItems: 1, maxItems: 100 });

/** The schema of each kind of condition, by the key that names the kind. */
export const conditionKinds = {
  all: Type.Object({ all: list }, closed),
  any: Type.Object({ any: list }, closed),
  not: Type.Object({ not: self }, closed),
  trait: TraitCondition,
  computed: ComputedCondition,
  performed: PerformedCondition,
  sequence: SequenceCondition,
  message: MessageCondition,
  listed: ListedCondition,
  segment: SegmentCondition,
  device: DeviceCondition,
  place: PlaceCondition,
  group: GroupCondition,
  consent: ConsentCondition,
  bucket: BucketCondition,
} as const;

/** The published schema of the whole language: a tree of `all`, `any`, `not` over leaves. */
export const ConditionSchema = Type.Unsafe<Condition>(
  Type.Cyclic({ Condition: Type.Union(Object.values(conditionKinds)) }, 'Condition'),
);
