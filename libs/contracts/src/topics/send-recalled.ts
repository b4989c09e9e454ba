import Type, { type Static } from 'typebox';
import { Channel } from '../channel.js';
import { Id, Instant } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/**
 * Why nothing more may be sent to an address: its mailbox does not exist, is in trouble again and again, its owner complained
 * or opted out, somebody said so, or it is none.
 */
export const SuppressionReason = Type.Enum(['hard_bounce', 'soft_bounce', 'complaint', 'opt_out', 'manual', 'invalid']);
export type SuppressionReason = Static<typeof SuppressionReason>;

/** Why messages that were already decided must not leave any more. */
export const RecallReason = Type.Enum(['exited', 'consent-withdrawn', ...SuppressionReason.enum]);
export type RecallReason = Static<typeof RecallReason>;

/**
 * Messages of this run, or to this profile on this channel, that became due at or before `at` must no
 * longer leave. Dispatchers look at recalls at the last moment; it travels beside the sends, so that a
 * backlog of sends does not delay it. One with an `address` recalls what goes there, whoever it is for, and whatever
 * becomes due later too; a soft bounce counts towards that, once per message.
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
  /** Keyed hash of an address on the channel. */
  address: Type.Optional(Type.String({ maxLength: 64 })),
  /** The message that was reported on, with an `address`. */
  messageId: Type.Optional(Id),
});
export type SendRecalled = Static<typeof SendRecalled>;

/** Decided messages that must no longer leave. */
export const recalls = topic({
  name: 'recalls',
  description: 'Decided messages that must no longer leave: their run exited, consent was withdrawn, or their address is suppressed.',
  schema: SendRecalled,
  key: profileKey,
});
