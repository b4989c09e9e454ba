import { outgoing, type Outgoing } from '@tidings/bus';
import { anonymousPrefix, events, isAnonymousId, type AcceptedEvent } from '@tidings/contracts';
import { v5 as uuidV5 } from 'uuid';
import type { Attempt } from './attempt.js';
import type { Settled } from './ledger-record.js';

const namespace = '5b3c9a52-7f0e-5d6a-9b44-1c2d8e7f6a03';

/**
 * What providers said at once of addresses that will never work, as events: segments see a bounce, and a device loses a
 * token that is dead. The same again is the same event.
 */
export function toReceipts(settled: readonly Settled[], now: Date): Outgoing[] {
  return settled.flatMap(({ attempt, outcome }) =>
    outcome.kind === 'failed' && outcome.suppress ? [outgoing(events, receipt(attempt, now.toISOString()), attempt.send.traceparent)] : [],
  );
}

function receipt({ send: { request, endpoint } }: Attempt, at: string): AcceptedEvent {
  const { workspace, profileId, messageId, channel, journey, dueAt } = request;
  const isAnonymous = isAnonymousId(profileId);
  return {
    v: 1,
    workspace,
    profileId,
    userId: isAnonymous ? null : profileId,
    anonymousId: isAnonymous ? profileId.slice(anonymousPrefix.length) : null,
    messageId: uuidV5([workspace, messageId, endpoint.id, 'bounced'].join('\n'), namespace),
    type: 'receipt',
    name: 'receipt',
    properties: { bounce: 'hard' },
    traits: {},
    context: channel === 'push' ? { device: { id: endpoint.id, token: endpoint.address } } : {},
    receipt: { kind: 'bounced', messageId, channel, journey: journey.id, step: journey.step, dueAt, endpoint: endpoint.id },
    timestamp: at,
    receivedAt: at,
    source: 'provider',
  };
}
