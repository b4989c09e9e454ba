import { anonymousPrefix, isAnonymousId, type AcceptedEvent, type DeliveryEvent, type Receipt } from '@tidings/contracts';

/** What history has: an accepted event, or that a message was sent, in the shape of a receipt. */
export type HeardEvent = Omit<AcceptedEvent, 'receipt'> & {
  readonly receipt?: Omit<Receipt, 'kind'> & { readonly kind: Receipt['kind'] | 'sent' };
};

/** That a message was sent. Its id follows from the message, so that it is heard once, however many endpoints it went to. */
export const sentEvent = ({
  workspace,
  profileId,
  messageId,
  channel,
  journey,
  dueAt,
  at,
}: DeliveryEvent): HeardEvent => ({
  v: 1,
  workspace,
  profileId,
  messageId: `sent:${messageId}`,
  type: 'receipt',
  name: 'receipt',
  userId: isAnonymousId(profileId) ? null : profileId,
  anonymousId: isAnonymousId(profileId) ? profileId.slice(anonymousPrefix.length) : null,
  properties: {},
  traits: {},
  context: {},
  receipt: { kind: 'sent', messageId, channel, journey: journey.id, step: journey.step, dueAt },
  timestamp: at,
  receivedAt: at,
  source: 'provider',
});
