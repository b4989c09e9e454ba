import Type, { type Static } from 'typebox';
import { Channel } from '../channel.js';
import { Id, Instant } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/** Why messages that were already decided must not leave any more. */
export const RecallReason = Type.Enum(['exited', 'consent-withdrawn']);
export type RecallReason = Static<typeof RecallReason>;

/**
 * Messages of this run, or to this profile on this channel, that became due at or before `at` must no
 * longer leave. Dispatchers look at recalls at the last moment; it travels beside the sends, so that a
 * backlog of sends does not delay it.
 */
export const SendRecalled = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  profileId: Id,
  /** The run whose messages are recalled, or null for all messages on the channel. */
  runId: Type.Union([Id, Type.Null()]),
  channel: Type.Union([Channel, Type.Null()]),
  reason: RecallReason,
  at: Instant,
});
export type SendRecalled = Static<typeof SendRecalled>;

/** Decided messages that must no longer leave. */
export const recalls = topic({
  name: 'recalls',
  description: 'Decided messages that must no longer leave: their run exited, or consent was withdrawn.',
  schema: SendRecalled,
  key: profileKey,
});
