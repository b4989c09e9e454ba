import type { AcceptedEvent, ReceiptKind, Values } from '@tidings/contracts';
import type { TrackingToken } from '@tidings/service';
import { v5 as uuidV5 } from 'uuid';
import { identityOfProfile } from './accept/profile-id.js';

/** What a provider or a recipient reported about a message of ours. */
export interface Report {
  readonly kind: ReceiptKind;
  readonly source: 'provider' | 'recipient';
  /** What the message's link or the provider's copy of it says of the message. */
  readonly message: TrackingToken;
  readonly happenedAt: Date;
  /** The reporter's own id of the report; without one it is derived, so that the same report again is the same event. */
  readonly messageId?: string;
  readonly properties?: Values;
}

const namespace = '2f0d8a7e-1c5b-5a36-8f0e-5d3f7f6b1a02';

/** Reports after which nothing more may be sent on the channel: the person said so, or complained. */
const withdrawing: ReadonlySet<ReceiptKind> = new Set<ReceiptKind>(['unsubscribed', 'complained']);

/** A report as an event of the profile that the message went to; one of no wish to hear more also withdraws consent. */
export function receiptEvent(
  { kind, source, message, happenedAt, messageId, properties = {} }: Report,
  now: Date,
): AcceptedEvent {
  const { w: workspace, p: profileId, m: id, c: channel, j: journey, s: step, u: url, d: dueAt, a: address } = message;
  return {
    v: 1,
    workspace,
    ...identityOfProfile(profileId),
    messageId: messageId ?? uuidV5([workspace, id, kind, url ?? '', occasionOf(kind, happenedAt)].join('\n'), namespace),
    type: 'receipt',
    name: 'receipt',
    properties,
    traits: {},
    context: withdrawing.has(kind) ? { consent: { [channel]: false } } : {},
    receipt: { kind, messageId: id, channel, journey, step, ...(dueAt !== undefined && { dueAt }), ...(address !== undefined && { address }) },
    timestamp: new Date(Math.min(happenedAt.getTime(), now.getTime())).toISOString(),
    receivedAt: now.toISOString(),
    source,
  };
}

/**
 * First open, first click of each link: opening a mail ten times is one event. Saying no is one event per minute: who
 * agreed again in between must be heard when they say no again.
 */
function occasionOf(kind: ReceiptKind, happenedAt: Date): string {
  return withdrawing.has(kind) ? happenedAt.toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length) : '';
}
