import { isAnonymousId, type AcceptedEvent, type Values } from '@tidings/contracts';
import { callShape, callTypes, isCallType, type CallType } from './call-shape.js';
import { eventContext } from './event-context.js';
import { eventFault, type KnownJson } from './event-fault.js';
import { eventTime } from './event-time.js';
import { instantText } from './instant-text.js';
import { limits } from './limits.js';
import { anonymousIdOf, identityOf, type Identity } from './profile-id.js';
import { readId, readObject, readText } from './read-fields.js';
import { isObject, Refusal, type JsonObject } from './refusal.js';

/** What the door knows of an event besides what the event says. */
export interface Door extends KnownJson {
  readonly workspace: string;
  readonly source: AcceptedEvent['source'];
  readonly now: Date;
  /** The id of an event that has none; asked for at most once. */
  readonly messageId: () => string;
  /** Whether an `alias` may name a known user as previous. What is merged stays merged, and anybody can have a browser's key: so only who can keep a secret may. */
  readonly mergesKnown?: boolean;
  /** The call that the door stands for; without it the event's `type` says. */
  readonly type?: CallType;
  /** What holds for all events of a call that do not say otherwise. */
  readonly sentAt?: unknown;
  readonly context?: JsonObject;
  /** When an event happened that does not say; `now` when left out. */
  readonly otherwiseAt?: Date;
}

/** An event is accepted as it will stand on the topic, or refused with the field at fault. */
export type Acceptance = { readonly kind: 'accepted'; readonly event: AcceptedEvent } | Refusal;

/** Decides about one event of the Segment specification, whatever JSON it is; never throws, and keeps nothing of a refused one. */
export function acceptEvent(raw: unknown, door: Door): Acceptance {
  if (!isObject(raw)) return new Refusal('', 'must be a JSON object');
  const fault = eventFault(raw, door);
  if (fault) return fault;
  const type = door.type ?? raw['type'];
  if (!isCallType(type)) return new Refusal('type', `must be one of ${callTypes.join(', ')}`);
  const identity = readIdentity(raw, type);
  if (identity instanceof Refusal) return identity;
  const context = readContext(raw, door);
  if (context instanceof Refusal) return context;
  return assemble(raw, type, { identity, context, door });
}

function readIdentity(raw: JsonObject, type: CallType): Identity | Refusal {
  const userId = readId(raw, 'userId');
  if (userId instanceof Refusal) return userId;
  if (userId !== null && isAnonymousId(userId)) return new Refusal('userId', 'must not begin with "anonymous:"');
  const anonymousId = readId(raw, 'anonymousId', limits.anonymousIdLength);
  if (anonymousId instanceof Refusal) return anonymousId;
  if (type === 'alias' && userId === null) return new Refusal('userId', 'is required');
  return identityOf(userId, anonymousId) ?? new Refusal('userId', 'is required when there is no anonymousId');
}

function readContext(raw: JsonObject, { context: shared }: Door): JsonObject | Refusal {
  const own = readObject(raw, 'context');
  if (own instanceof Refusal || shared === undefined) return own;
  return { ...shared, ...own };
}

interface Read {
  readonly identity: Identity;
  readonly context: JsonObject;
  readonly door: Door;
}

function assemble(raw: JsonObject, type: CallType, { identity, context, door }: Read): Acceptance {
  const contextTraits = readObject(context, 'traits', 'context.traits');
  if (contextTraits instanceof Refusal) return contextTraits;
  const shape = callShape(type, raw, contextTraits);
  if (shape instanceof Refusal) return shape;
  const messageId = readText(raw, 'messageId', limits.idLength);
  if (messageId instanceof Refusal) return messageId;
  const kept = eventContext(context);
  if (kept instanceof Refusal) return kept;
  const timestamp = timeOf(raw, door);
  if (typeof timestamp !== 'number') return timestamp;
  const event: AcceptedEvent = {
    v: 1,
    workspace: door.workspace,
    profileId: identity.profileId,
    messageId: messageId ?? door.messageId(),
    type,
    name: shape.name,
    userId: identity.userId,
    anonymousId: identity.anonymousId,
    properties: type === 'alias' ? aliasOf(shape.properties, door) : shape.properties,
    traits: shape.traits,
    context: kept,
    timestamp: instantText(timestamp),
    receivedAt: instantText(door.now.getTime()),
    source: door.source,
  };
  return { kind: 'accepted', event };
}

/** For those who may not merge known users, what is previous is an anonymous id, as browsers' SDKs mean it. */
function aliasOf(properties: Values, { mergesKnown = false }: Door): Values {
  const previousId = String(properties['previousId']);
  return mergesKnown || isAnonymousId(previousId) ? properties : { previousId: anonymousIdOf(previousId) };
}

function timeOf(raw: JsonObject, { now, sentAt, otherwiseAt = now }: Door): number | Refusal {
  const [receivedAt, otherwise] = [now.getTime(), otherwiseAt.getTime()];
  return eventTime(raw, { sentAt: raw['sentAt'] ?? sentAt, receivedAt, otherwise });
}
