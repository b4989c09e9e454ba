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

const started = { kind: Type.Literal('run-started'), entry: Type.Enum(['event', 'segment', 'api']) };
const entered = { kind: Type.Literal('step-entered'), visit: Type.Integer({ minimum: 0 }) };
const ended = { kind: Type.Literal('run-ended'), outcome: Type.Enum(['completed', 'exited', 'merged', 'erased']) };
const decided = {
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
};

/** A run began, and by which entry and key. */
export const RunStarted = Type.Object({ ...common, ...started });
export type RunStarted = Static<typeof RunStarted>;

/** A run came to a step (`journey.step`) for the `visit`-th hop of its life, counted from 0. */
export const StepEntered = Type.Object({ ...common, ...entered });
export type StepEntered = Static<typeof StepEntered>;

/**
 * A run ended: it came to the end of its journey, an exit rule took it out, its profile was merged into one that was
 * further on the same way, or its person was erased.
 */
export const RunEnded = Type.Object({ ...common, ...ended });
export type RunEnded = Static<typeof RunEnded>;

/** Why a message was sent or withheld, with the rule that decided and the values it looked at. */
export const MessageDecided = Type.Object({ ...common, ...decided });
export type MessageDecided = Static<typeof MessageDecided>;

const step = { step: Id };

/**
 * Several things that one cause made happen in one run, in their order. Each means what it means by itself, at its own step; a run of one
 * message is told by one record instead of four.
 */
export const RunFollowed = Type.Object({
  ...common,
  kind: Type.Literal('run-followed'),
  happened: Type.Array(
    Type.Union([
      Type.Object({ ...step, ...started }),
      Type.Object({ ...step, ...entered }),
      Type.Object({ ...step, ...ended }),
      Type.Object({ ...step, ...decided }),
    ]),
    { minItems: 1 },
  ),
});
export type RunFollowed = Static<typeof RunFollowed>;

/** One thing that happened in a run. */
export type RunActivity = RunStarted | StepEntered | RunEnded | MessageDecided;

/** What happened in a run: one thing, or several at once. */
export const JourneyActivity = Type.Union([RunStarted, StepEntered, RunEnded, MessageDecided, RunFollowed]);
export type JourneyActivity = Static<typeof JourneyActivity>;

/** What a record tells, one by one. */
export function activitiesOf(told: JourneyActivity): readonly RunActivity[] {
  if (told.kind !== 'run-followed') return [told];
  const { v, workspace, profileId, journey, at, happened } = told;
  return happened.map(({ step: where, ...what }) => ({ v, workspace, profileId, journey: { ...journey, step: where }, at, ...what }));
}

/** The same as one record: of one run, profile and instant, and at least one of them. */
export function toldTogether(activities: readonly [RunActivity, ...RunActivity[]]): JourneyActivity {
  const [first] = activities;
  if (activities.length === 1) return first;
  const { v, workspace, profileId, journey, at } = activities.at(-1) ?? first;
  const happened = activities.map(({ v: _v, workspace: _workspace, profileId: _profileId, journey: { step: where }, at: _at, ...what }) => ({ step: where, ...what }));
  return { v, workspace, profileId, journey, at, kind: 'run-followed', happened };
}

/** What the orchestrator did: runs and decisions. A decision is on this topic before its send is requested. */
export const journeyActivity = topic({
  name: 'journey-activity',
  description: 'Runs started, steps entered, runs ended, and every decision about a message with its rule and values; several of one run in one record.',
  schema: JourneyActivity,
  key: profileKey,
});
