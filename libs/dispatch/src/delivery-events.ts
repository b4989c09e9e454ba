import { outgoing, type Outgoing } from '@tidings/bus';
import { deliveryEvents, type DeliveryEvent, type DeliveryKind } from '@tidings/contracts';
import { INTERRUPTED } from './outcome.js';
import type { Attempt } from './attempt.js';
import { attemptsMade, type Settled } from './ledger-record.js';

/** What is told about settled attempts, and about the attempts before them that were never recorded. */
export function toDeliveryEvents(settled: readonly Settled[], now: Date): Outgoing[] {
  const at = now.toISOString();
  return settled.flatMap((one) => {
    const { attempt, outcome, provider } = one;
    const told = event(attempt, { kind: kindOf(one), reason: outcome.reason, provider, attempt: attemptsMade(one), at });
    const final = outgoing(deliveryEvents, { ...told, providerMessageId: outcome.kind === 'sent' ? outcome.providerId : null }, attempt.send.traceparent);
    if (!attempt.foundOpen || outcome.kind === 'ambiguous') return [final];
    // The attempt before this one: its dispatcher ended before it could say what became of it.
    const before = event(attempt, { kind: 'ambiguous', reason: INTERRUPTED, provider, attempt: attempt.number - 1, at });
    return [outgoing(deliveryEvents, before, attempt.send.traceparent), final];
  });
}

function kindOf({ outcome }: Settled): DeliveryKind {
  switch (outcome.kind) {
    case 'retry':
      return outcome.ambiguous ? 'ambiguous' : 'delayed';
    case 'sent':
    case 'withheld':
    case 'failed':
    case 'ambiguous':
      return outcome.kind;
  }
}

type Told = Pick<DeliveryEvent, 'kind' | 'reason' | 'provider' | 'attempt' | 'at'>;

function event({ send: { request, endpoint } }: Attempt, told: Told): DeliveryEvent {
  const { workspace, profileId, messageId, channel, lane, journey, dueAt } = request;
  return {
    v: 1, workspace, profileId, messageId, endpoint: endpoint.id, endpoints: request.endpoints.length, channel, lane, journey, dueAt,
    providerMessageId: null, ...told,
  }; // prettier-ignore
}
