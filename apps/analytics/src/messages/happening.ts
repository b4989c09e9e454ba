import type { DeliveryEvent, JourneyRef, MessageDecided, ProfileActivity, ReceiptKind } from '@tidings/contracts';
import type { MessageKey } from './message-record.js';

/** One thing heard about one message. */
export type Happening = { readonly key: MessageKey; readonly at: string } & (
  | { readonly kind: 'decided'; readonly decision: MessageDecided }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryEvent }
  | { readonly kind: 'receipt'; readonly receipt: ReceiptKind }
  | { readonly kind: 'converted' }
);

const dayOf = (instant: string): string => instant.slice(0, 10);

/** The decision about a message. */
export function ofDecision(decision: MessageDecided): Happening {
  const { workspace, messageId, profileId, channel, at } = decision;
  return { key: { workspace, day: dayOf(at), messageId, profileId, channel }, kind: 'decided', decision, at };
}

/** What a dispatcher did. */
export function ofDelivery(delivery: DeliveryEvent): Happening {
  const { workspace, messageId, profileId, channel, at, dueAt } = delivery;
  return { key: { workspace, day: dayOf(dueAt), messageId, profileId, channel }, kind: 'delivery', delivery, at };
}

/**
 * What a provider or a recipient reported; null when the event is no receipt, does not say which message it is about, or
 * tells of one endpoint what its delivery event tells already.
 */
export function ofReceipt({ workspace, profileId, event }: ProfileActivity): Happening | null {
  const receipt = event?.receipt;
  if (event === null || receipt?.dueAt === undefined || receipt.endpoint !== undefined) return null;
  const { channel, kind, dueAt } = receipt;
  // Comes from outside; elsewhere ids are as we made them.
  const messageId = receipt.messageId.toLowerCase();
  return { key: { workspace, day: dayOf(dueAt), messageId, profileId, channel }, kind: 'receipt', receipt: kind, at: event.timestamp };
}

/** What a record takes over from the journey that asked for the message. */
export const journeyOf = ({ id, version, runId, step }: JourneyRef) => ({ journey: id, journeyVersion: version, runId, step });
