import Type, { type Static } from 'typebox';
import { Lane } from '../channel.js';
import { ConditionSchema, PropertyCondition } from './condition.js';
import { Duration } from './duration.js';
import { DefinitionId } from './definition-id.js';

const closed = { additionalProperties: false } as const;
const where = Type.Optional(Type.Array(PropertyCondition, { minItems: 1, maxItems: 20 }));
const EventName = Type.String({ minLength: 1, maxLength: 255 });
/** The id of a step, or `end`. */
const Target = DefinitionId;
const id = DefinitionId;
const next = Type.Optional(Target);
const pathText = '^(properties|traits)(\\.[^.\\s]+)+$';
/** A path into the event, such as `properties.cart_id`. */
const Path = Type.String({ pattern: pathText, maxLength: 255 });

/** The pattern of a path into an event, and the same for people. */
export const pathPattern = { pattern: pathText, words: 'must be a path into the event, such as properties.cart_id' } as const;

/** A run begins with an event. */
export const EventEntry = Type.Object({ event: EventName, where }, closed);
/**
 * A run begins when the profile enters a segment by what it does, or by time. Those who turn out to be in a segment because it
 * was published or changed begin none, or a new segment would write to everybody at once; with `backfill` they do.
 */
export const SegmentEntry = Type.Object({ segment: DefinitionId, backfill: Type.Optional(Type.Boolean()) }, closed);
/** A run begins when the API is asked for it. */
export const ApiEntry = Type.Object({ api: Type.Literal(true) }, closed);
/** How a run begins: any of these. */
export const Entry = Type.Union([EventEntry, SegmentEntry, ApiEntry]);
export type Entry = Static<typeof Entry>;

/** An event that ends runs before their time; with `sameKey`, only the run whose key the event carries there. */
export const ExitRule = Type.Object({ event: EventName, where, sameKey: Type.Optional(Path) }, closed);
export type ExitRule = Static<typeof ExitRule>;

/** What the journey is for: the event that counts as converted when it follows a sent message within this time. */
export const Goal = Type.Object({ event: EventName, where, within: Duration }, closed);
export type Goal = Static<typeof Goal>;

/** Waits this long, then goes on. */
export const DelayStep = Type.Object({ id, delay: Duration, next }, closed);

/** Waits for an event, at most this long, then goes to `onEvent` or `onTimeout` (each the following step when left out). */
export const WaitStep = Type.Object(
  {
    id,
    waitFor: Type.Object({ event: EventName, where, sameKey: Type.Optional(Path), atMost: Duration }, closed),
    onEvent: Type.Optional(Target),
    onTimeout: Type.Optional(Target),
  },
  closed,
);

/** Goes to `then` when the condition holds of the profile at this moment, else to `else`. */
export const BranchStep = Type.Object(
  { id, branch: Type.Object({ if: ConditionSchema, then: Target, else: Target }, closed) },
  closed,
);

const ChannelMessage = Type.Object({ template: DefinitionId }, closed);

/** Sends on each channel that is named; a channel without consent or address is withheld, the others go. */
export const MessageStep = Type.Object(
  {
    id,
    message: Type.Object(
      {
        push: Type.Optional(ChannelMessage),
        email: Type.Optional(ChannelMessage),
        lane: Type.Optional(Lane),
        /** How long the message is worth sending; 1 day when left out. */
        expiresAfter: Type.Optional(Duration),
      },
      closed,
    ),
    next,
  },
  closed,
);

/** The schema of each type of step, by the key that names the type. */
export const stepTypes = { delay: DelayStep, waitFor: WaitStep, branch: BranchStep, message: MessageStep } as const;

/** One step of a journey. */
export const Step = Type.Union([DelayStep, WaitStep, BranchStep, MessageStep]);
export type Step = Static<typeof Step>;

/** A journey as a person writes it in `journeys/<id>.yaml`: a run goes from the first step to the next, or where a step says. */
export const JourneyDefinition = Type.Object(
  {
    id: DefinitionId,
    name: Type.Optional(Type.String({ maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    entry: Type.Array(Entry, { minItems: 1, maxItems: 20 }),
    /** Where the entry event carries the key: one run at a time per value of it; without one, one run per profile. */
    key: Type.Optional(Path),
    exit: Type.Optional(Type.Array(ExitRule, { minItems: 1, maxItems: 20 })),
    goal: Type.Optional(Goal),
    steps: Type.Array(Step, { minItems: 1, maxItems: 200 }),
  },
  closed,
);
export type JourneyDefinition = Static<typeof JourneyDefinition>;
