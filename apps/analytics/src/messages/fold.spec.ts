import { describe, expect, it } from '@jest/globals';
import type { DeliveryEvent, DeliveryKind, MessageDecided, Receipt, ReceiptKind } from '@tidings/contracts';
import { anActivity, anEvent } from '@tidings/testing';
import fc from 'fast-check';
import { countsOf, deltasOf } from '../rollups/tally.js';
import { fold } from './fold.js';
import { ofDecision, ofDelivery, ofReceipt, type Happening } from './happening.js';
import { newRecord, type MessageRecord } from './message-record.js';

const messageId = '6f2c7a52-8f35-5c1e-9d0a-3b1f6f1d2c01';
const due = '2026-03-02T23:59:59.000Z';
const journey = { id: 'welcome', version: 2, runId: 'run-1', step: 'hello' };

const decided = (change: Partial<MessageDecided> = {}): Happening =>
  ofDecision({
    v: 1,
    kind: 'message-decided',
    workspace: 'demo',
    profileId: 'ann',
    journey,
    at: due,
    messageId,
    channel: 'push',
    lane: 'triggered',
    outcome: 'send',
    rule: 'eligible',
    values: {},
    endpoints: ['phone', 'tablet'],
    template: { id: 'hello', version: 1 },
    ...change,
  });

const delivery = (kind: DeliveryKind, endpoint = 'phone', change: Partial<DeliveryEvent> = {}): Happening =>
  ofDelivery({
    v: 1,
    workspace: 'demo',
    profileId: 'ann',
    messageId,
    endpoint,
    endpoints: 2,
    channel: 'push',
    lane: 'triggered',
    journey,
    provider: 'sandbox',
    attempt: 1,
    kind,
    reason: kind === 'sent' ? 'accepted' : 'rejected',
    providerMessageId: null,
    dueAt: due,
    at: '2026-03-03T00:00:01.000Z',
    ...change,
  });

const receipt = (kind: ReceiptKind): Happening => ({
  key: { workspace: 'demo', day: '2026-03-02', messageId, profileId: 'ann', channel: 'push' },
  kind: 'receipt',
  receipt: kind,
  at: '2026-03-03T00:01:00.000Z',
});

const folded = (happenings: readonly Happening[]): MessageRecord => {
  const [first] = happenings;
  if (first === undefined) throw new Error('nothing happened');
  return happenings.reduce(fold, newRecord(first.key));
};

describe('ofReceipt', () => {
  const reported = (change: Partial<Receipt>) =>
    ofReceipt(anActivity({ event: anEvent({ type: 'receipt', receipt: { kind: 'bounced', messageId, channel: 'push', dueAt: due, ...change } }) }));

  it.each<[string, Partial<Receipt>, object | null]>([
    ['a report is heard', {}, { kind: 'receipt', receipt: 'bounced' }],
    ['of one endpoint the delivery event is', { endpoint: 'phone' }, null],
  ])('%s', (_sentence, change, expected) => {
    expect(reported(change)).toEqual(expected === null ? null : expect.objectContaining(expected));
  });
});

describe('fold', () => {
  it.each<[string, Happening[], Partial<MessageRecord>]>([
    ['a message that was decided is in flight', [decided()], { state: 'in-flight', rule: 'eligible', day: '2026-03-02' }],
    ['a message that was withheld says by which rule', [decided({ outcome: 'withhold', rule: 'no-consent' })], { state: 'withheld', reason: 'no-consent' }],
    ['one device is enough to be sent', [decided(), delivery('failed'), delivery('sent', 'tablet')], { state: 'sent', reason: null }],
    ['one failed device of two leaves it in flight', [decided(), delivery('failed')], { state: 'in-flight' }],
    ['every device failed', [decided(), delivery('failed'), delivery('failed', 'tablet')], { state: 'failed', reason: 'rejected' }],
    ['every device was withheld', [decided(), delivery('withheld'), delivery('withheld', 'tablet')], { state: 'withheld' }],
    ['a delay is no end', [decided(), delivery('delayed'), delivery('delayed', 'tablet')], { state: 'in-flight' }],
    ['a delivery that overtakes its decision counts', [delivery('sent'), decided()], { state: 'sent', rule: 'eligible', journey: 'welcome' }],
    ['an open is kept at its first moment', [decided(), delivery('sent'), receipt('opened')], { openedAt: '2026-03-03T00:01:00.000Z' }],
    ['a bounce turns sent into failed', [decided(), delivery('sent'), receipt('bounced')], { state: 'failed', reason: 'bounced' }],
  ])('%s', (_sentence, happenings, expected) => {
    expect(folded(happenings)).toMatchObject(expected);
  });

  const happening = fc.oneof(
    fc.constant(decided()),
    fc
      .tuple(fc.constantFrom<DeliveryKind>('sent', 'failed', 'withheld', 'delayed', 'ambiguous'), fc.constantFrom('phone', 'tablet'), fc.integer({ min: 1, max: 3 }))
      .map(([kind, endpoint, attempt]) => delivery(kind, endpoint, { attempt })),
    fc.constantFrom<ReceiptKind>('delivered', 'opened', 'clicked', 'bounced').map(receipt),
  );

  it('comes to the same state and times in whatever order it hears, and however often', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (happenings, shuffle) => {
        const again = [...happenings, ...happenings].map((item) => ({ item, at: shuffle.next().value }));
        const shuffled = again.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
        const [inOrder, other] = [folded(happenings), folded(shuffled)];
        expect([other.state, other.reason]).toEqual([inOrder.state, inOrder.reason]);
        expect(countsOf(other).map(({ metric }) => metric)).toEqual(countsOf(inOrder).map(({ metric }) => metric));
        expect(other.outcomes).toHaveLength(inOrder.outcomes.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('counts every message exactly once, whatever happens: accepted = sent + withheld + failed + in flight', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 12 }), (happenings) => {
        const sums = new Map<string, number>();
        let before: MessageRecord | null = null;
        for (const item of happenings) {
          const after = fold(before ?? newRecord(item.key), item);
          for (const { metric, by } of deltasOf([{ before, after }])) sums.set(metric, (sums.get(metric) ?? 0) + by);
          before = after;
        }
        const ended = (sums.get('sent') ?? 0) + (sums.get('withheld') ?? 0) + (sums.get('failed') ?? 0);
        expect(sums.get('accepted')).toBe(1);
        expect(ended).toBe(before?.state === 'in-flight' ? 0 : 1);
      }),
    );
  });
});
