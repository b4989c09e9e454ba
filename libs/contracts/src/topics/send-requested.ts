import Type, { type Static } from 'typebox';
import { Channel, channels, Lane, lanes } from '../channel.js';
import { Id, Instant, JourneyRef, Values } from '../shapes.js';
import { profileKey, topic, type Topic } from '../topic.js';

/** Where a message goes: one device, one mailbox. The id is opaque, the address is not. */
export const Endpoint = Type.Object({ id: Id, address: Type.String({ minLength: 1 }) });
export type Endpoint = Static<typeof Endpoint>;

/** "Send this, now": every question of policy is already answered when it is published. */
export const SendRequested = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  profileId: Id,
  /** Derived from the run, the step visit and the channel, so a replayed decision asks for the same message. */
  messageId: Type.String({ format: 'uuid' }),
  channel: Channel,
  lane: Lane,
  endpoints: Type.Array(Endpoint, { minItems: 1 }),
  template: Type.Object({ id: Id, version: Type.Integer({ minimum: 1 }) }),
  /** What the template may use: `profile`, `event`, `journey`. */
  variables: Values,
  journey: JourneyRef,
  /** When the message became due; the same in every replay, so it names the ledger's day. */
  dueAt: Instant,
  /** When the cause of the message was received: what event-to-provider latency is measured from. */
  causedAt: Instant,
  /** After this instant the message must no longer leave. */
  expiresAt: Instant,
});
export type SendRequested = Static<typeof SendRequested>;

/** One topic per channel and lane: a slow channel holds up only itself, and bulk never delays the urgent. */
export const sends = (channel: Channel, lane: Lane): Topic<typeof SendRequested> =>
  topic({
    name: `sends.${channel}.${lane}`,
    description: `Decided messages for ${channel}, lane ${lane}.`,
    schema: SendRequested,
    key: profileKey,
  });

/** The topics of every channel and lane. */
export const allSends: readonly Topic<typeof SendRequested>[] = channels.flatMap((channel) =>
  lanes.map((lane) => sends(channel, lane)),
);
