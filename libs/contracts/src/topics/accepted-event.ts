import Type, { type Static } from 'typebox';
import { Id, Instant, Values } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/**
 * The calls of the Segment specification; `receipt`, what came back about a message we sent; `trigger`, a
 * journey asked for through the API, by the journey's id as the name; `listing`, that somebody put the profile on a list
 * or took it off, by the list's id as the name and `listed` among the properties; `erase`, the wish that nothing is kept
 * of the person, by the erasure's id as the `messageId`. Only the API makes the last three.
 */
export const EventType = Type.Enum([
  'identify',
  'track',
  'page',
  'screen',
  'group',
  'alias',
  'receipt',
  'trigger',
  'erase',
  'listing',
]);
export type EventType = Static<typeof EventType>;

/** What a call says about the device it came from, as Segment's mobile SDKs send it in `context.device`. */
export const EventDevice = Type.Object({
  id: Id,
  type: Type.Optional(Type.String({ maxLength: 64 })),
  token: Type.Optional(Type.String({ maxLength: 4096 })),
  /** Of the app that the call came from: `context.app.version`. */
  appVersion: Type.Optional(Type.String({ maxLength: 64 })),
});
export type EventDevice = Static<typeof EventDevice>;

const PlaceName = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));

/** Where a call says that the person was, as Segment has it in `context.location`; a point has both its numbers. */
export const EventLocation = Type.Object({
  latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  country: PlaceName,
  region: PlaceName,
  city: PlaceName,
});
export type EventLocation = Static<typeof EventLocation>;

/** What it takes to encrypt a push for a browser, as `PushSubscription.toJSON()` gives it. */
export const WebPushKeys = Type.Object({ p256dh: Type.String({ maxLength: 128 }), auth: Type.String({ maxLength: 64 }) });
export type WebPushKeys = Static<typeof WebPushKeys>;

/** A browser's subscription to web push, known by its endpoint; with `removed` that it is no more, and then without keys. */
export const EventWebPush = Type.Object({
  endpoint: Type.String({ minLength: 1, maxLength: 2048 }),
  keys: Type.Optional(WebPushKeys),
  /** When the browser lets go of it by itself. */
  expiresAt: Type.Optional(Instant),
  removed: Type.Optional(Type.Boolean()),
});
export type EventWebPush = Static<typeof EventWebPush>;

/** Where somebody can be written to besides mail and phone. */
export const ChatKind = Type.Enum(['telegram', 'whatsapp', 'slack', 'teams', 'discord']);
export type ChatKind = Static<typeof ChatKind>;

/** An id that a chat service knows the person by; with `removed` that it is theirs no more. */
export const EventChat = Type.Object({ kind: ChatKind, id: Id, removed: Type.Optional(Type.Boolean()) });
export type EventChat = Static<typeof EventChat>;

/** What the profile id of an anonymous person begins with; no user id does. */
export const anonymousPrefix = 'anonymous:';

/** What stands in the place of the profile id where a person was erased; no profile has it. */
export const nobody = anonymousPrefix;

/** Whether a profile id is of somebody whose user id is not known. */
export const isAnonymousId = (profileId: string): boolean => profileId.startsWith(anonymousPrefix);

/** The part of `context` that Tidings acts on; the rest is not carried further. */
export const EventContext = Type.Object({
  device: Type.Optional(EventDevice),
  location: Type.Optional(EventLocation),
  webPush: Type.Optional(EventWebPush),
  chat: Type.Optional(EventChat),
  timezone: Type.Optional(Type.String({ maxLength: 64 })),
  locale: Type.Optional(Type.String({ maxLength: 35 })),
  /** Per channel: true when the person agreed to it, false when they declined (`context.consent.categoryPreferences`). */
  consent: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
});
export type EventContext = Static<typeof EventContext>;

/** What a provider or a recipient reported about a message, carried by events of type `receipt`. */
export const ReceiptKind = Type.Enum(['delivered', 'bounced', 'opened', 'clicked', 'complained', 'unsubscribed']);
export type ReceiptKind = Static<typeof ReceiptKind>;

/** Which message a receipt is about, and what happened to it. */
export const Receipt = Type.Object({
  kind: ReceiptKind,
  messageId: Id,
  channel: Type.String(),
  journey: Type.Optional(Id),
  step: Type.Optional(Id),
  /** `dueAt` of the message, which names the day of its record. */
  dueAt: Type.Optional(Instant),
  /** Keyed hash of the address that the message went to, for suppression; nobody without the master key makes one. */
  address: Type.Optional(Type.String({ maxLength: 64 })),
  /** The one endpoint that it is about, where a dispatcher heard it in the provider's answer; what became of the message is on `delivery-events`. */
  endpoint: Type.Optional(Id),
});
export type Receipt = Static<typeof Receipt>;

/** An event as ingest accepted it: shape checked, profile resolved, clock skew corrected. */
export const AcceptedEvent = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  /** The customer's user id, or `anonymous:<id>` until one is known; where ids were merged, still the one it was sent under. */
  profileId: Id,
  /** The sender's id of this event; the same id is the same event, through whichever door it came. */
  messageId: Id,
  type: EventType,
  /** The name of a `track` event, page or screen; for the other calls the call's own name. */
  name: Type.String({ maxLength: 255 }),
  userId: Type.Union([Id, Type.Null()]),
  anonymousId: Type.Union([Id, Type.Null()]),
  properties: Values,
  traits: Values,
  context: EventContext,
  receipt: Type.Optional(Receipt),
  /** When it happened, by the sender's clock corrected with `sentAt`. */
  timestamp: Instant,
  receivedAt: Instant,
  source: Type.Enum(['http', 'kafka', 'api', 'provider', 'recipient']),
});
export type AcceptedEvent = Static<typeof AcceptedEvent>;

/** Every accepted event, in order per profile. */
export const events = topic({
  name: 'events',
  description: 'Accepted events: what people did, and what came back about messages that were sent to them.',
  schema: AcceptedEvent,
  key: profileKey,
});
