import Type, { type Static } from 'typebox';
import { Channel, Lane } from '../channel.js';
import { Id, Instant, JourneyRef } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/** What became of one send: `sent` is the provider's word, `withheld` and `failed` are final, `delayed` is not. */
export const DeliveryKind = Type.Enum(['sent', 'withheld', 'failed', 'delayed', 'ambiguous']);
export type DeliveryKind = Static<typeof DeliveryKind>;

/** What a dispatcher did with one message for one endpoint. */
export const DeliveryEvent = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  profileId: Id,
  messageId: Type.String({ format: 'uuid' }),
  endpoint: Id,
  /** How many endpoints the message has: a message failed only when every endpoint did. */
  endpoints: Type.Integer({ minimum: 1 }),
  channel: Channel,
  lane: Lane,
  journey: JourneyRef,
  provider: Type.Union([Type.String(), Type.Null()]),
  attempt: Type.Integer({ minimum: 0 }),
  kind: DeliveryKind,
  /** Why, in one of our words: `accepted`, `exited`, `suppressed`, `bad-address`, `rejected`, `expired`, ... */
  reason: Type.String(),
  /** The provider's id of an accepted send. */
  providerMessageId: Type.Union([Type.String(), Type.Null()]),
  /** `dueAt` of the message: readers keep a message's record under this day. */
  dueAt: Instant,
  at: Instant,
});
export type DeliveryEvent = Static<typeof DeliveryEvent>;

/** What became of decided messages; readers dedupe by message, endpoint, attempt and kind. */
export const deliveryEvents = topic({
  name: 'delivery-events',
  description: 'What dispatchers did with each decided message, per endpoint and attempt.',
  schema: DeliveryEvent,
  key: profileKey,
});
