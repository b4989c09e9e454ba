import { acceptEvent, type Acceptance, type Door } from './accept-event.js';
import type { CallType } from './call-shape.js';
import { eventTooLarge } from './event-fault.js';
import { findFault } from './find-fault.js';
import { limits } from './limits.js';
import { isObject, Refusal, type JsonObject } from './refusal.js';

/** What a call asks for: one event of this type, or a batch of any. */
export type Call = CallType | 'batch';

/** A call as a whole is refused, or each of its events has its own answer, in the order of the call. */
export type CallAnswer =
  Refusal | { readonly kind: 'heard'; readonly answers: readonly Acceptance[]; readonly raws: readonly unknown[] };

/** The door of a call: what differs per event is filled in. */
export type CallDoor = Pick<Door, 'workspace' | 'source' | 'now' | 'messageId' | 'mergesKnown' | 'soundTexts'>;

/** Decides about every event of a call; `bytes` is the length of its body. */
export function acceptCall(call: Call, body: JsonObject, bytes: number, door: CallDoor): CallAnswer {
  return call === 'batch' ? acceptBatch(body, bytes, door) : acceptSingle(call, body, bytes, door);
}

function acceptSingle(type: CallType, body: JsonObject, bytes: number, door: CallDoor): CallAnswer {
  if (bytes > limits.eventBytes) return new Refusal('', eventTooLarge);
  return { kind: 'heard', answers: [acceptEvent(body, { ...door, type, atMostBytes: bytes })], raws: [body] };
}

function acceptBatch(body: JsonObject, bytes: number, door: CallDoor): CallAnswer {
  const raws = body['batch'];
  if (!Array.isArray(raws)) return new Refusal('batch', 'must be a list of events');
  if (raws.length > limits.callEvents) return new Refusal('batch', `has more than ${limits.callEvents} events`);
  const context = sharedContext(body, door);
  if (context instanceof Refusal) return context;
  const eventDoor: Door = { ...door, ...context, sentAt: body['sentAt'], atMostBytes: bytes };
  return { kind: 'heard', answers: raws.map((raw) => acceptEvent(raw, eventDoor)), raws };
}

/** The `context` beside the list holds for every event of it, as in Segment's own API. */
function sharedContext({ context }: JsonObject, { soundTexts }: CallDoor): Pick<Door, 'context'> | Refusal {
  if (context === undefined || context === null) return {};
  if (!isObject(context)) return new Refusal('context', 'must be an object');
  const fault = findFault(context, soundTexts);
  return fault instanceof Refusal ? fault.within('context') : { context };
}
