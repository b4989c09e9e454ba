import Type, { type Static } from 'typebox';
import { Channel, Lane } from '../channel.js';
import { Id, Instant, JourneyRef, Values } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

const common = {
  v: Type.Literal(1),
  workspace: Id,
  profileId: Id,
  journey: JourneyRef,
  /** When the cause happened or fell due; the same in every replay. Of a decision it is the `dueAt` of the message. */
  at: Instant,
};

/** A run began, and by which entry and key. */
export const RunStarted = Type.Object({
  ...common,
  kind: Type.Literal('run-started'),
  entry: Type.Enum(['event', 'segment', 'api']),
});
export type RunStarted = Static<typeof RunStarted>;

/** A run came to a step (`journey.step`) for the `visit`-th hop of its life, counted from 0. */
export const StepEntered = Type.Object({
  ...common,
  kind: Type.Literal('step-entered'),
  visit: Type.Integer({ minimum: 0 }),
});
export type StepEntered = Static<typeof StepEntered>;

/**
 * A run ended: it came to the end of its journey, an exit rule took it out, its profile was merged into one that was
 * further on the same way, or its person was erased.
 */
export const RunEnded = Type.Object({
  ...common,
  kind: Type.Literal('run-ended'),
  outcome: Type.Enum(['completed', 'exited', 'merged', 'erased']),
});
export type RunEnded = Static<typeof RunEnded>;

/** Why a message was sent or withheld, with the rule that decided and the values it looked at. */
export const MessageDecided = Type.Object({
  ...common,
  kind: Type.Literal('message-decided'),
  messageId: Type.String({ format: 'uuid' }),
  channel: Channel,
  lane: Lane,
  outcome: Type.Enum(['send', 'withhold']),
  /** The rule that decided, e.g. `no-consent`, `no-address`, `eligible`. */
  rule: Type.String(),
  /** What the rule looked at; never an address or a trait's value. */
  values: Values,
  /** Opaque ids of the endpoints it goes to. */
  endpoints: Type.Array(Id),
  template: Type.Object({ id: Id, version: Type.Integer({ minimum: 1 }) }),
});
export type MessageDecided = Static<typeof MessageDecided>;

/** One thing that happened in a run. */
export const JourneyActivity = Type.Union([RunStarted, StepEntered, RunEnded, MessageDecided]);
export type JourneyActivity = Static<typeof JourneyActivity>;

/** What the orchestrator did: runs and decisions. A decision is on this topic before its send is requested. */
export const journeyActivity = topic({
  name: 'journey-activity',
  description: 'Runs started, steps entered, runs ended, and every decision about a message with its rule and values.',
  schema: JourneyActivity,
  key: profileKey,
});
