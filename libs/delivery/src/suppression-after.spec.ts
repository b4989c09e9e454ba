import { describe, expect, it } from '@jest/globals';
import type { ReceiptKind, SuppressionReason, Values } from '@tidings/contracts';
import { suppressionAfter } from './suppression-after.js';

describe('suppressionAfter', () => {
  it.each<[string, ReceiptKind, Values, SuppressionReason | null]>([
    ['a hard bounce', 'bounced', { bounce: 'hard', status: '5.1.1' }, 'hard_bounce'],
    ['a hard bounce that gives no status', 'bounced', { bounce: 'hard' }, 'hard_bounce'],
    ['a mailbox that is full, called hard', 'bounced', { bounce: 'hard', status: '5.2.2' }, 'soft_bounce'],
    ['a mailbox that is full for now', 'bounced', { bounce: 'soft', status: '4.2.2' }, 'soft_bounce'],
    ['a policy against us, called hard', 'bounced', { bounce: 'hard', status: '5.7.1' }, null],
    ['a policy against us, for now', 'bounced', { bounce: 'soft', status: '4.7.32' }, null],
    ['a block', 'bounced', { bounce: 'soft' }, 'soft_bounce'],
    ['a drop for an earlier bounce', 'bounced', { bounce: 'dropped', because: 'bounced' }, 'hard_bounce'],
    ['a drop for an earlier complaint', 'bounced', { bounce: 'dropped', because: 'complained' }, 'complaint'],
    ['a drop for an earlier unsubscription', 'bounced', { bounce: 'dropped', because: 'unsubscribed' }, 'opt_out'],
    ['a drop of what is no address', 'bounced', { bounce: 'dropped', because: 'invalid' }, 'invalid'],
    ['a drop for another reason', 'bounced', { bounce: 'dropped', because: 'other' }, null],
    ['a drop for a reason that an object has by birth', 'bounced', { bounce: 'dropped', because: 'constructor' }, null],
    ['a bounce of no kind', 'bounced', {}, null],
    ['a complaint', 'complained', {}, 'complaint'],
    ['an unsubscription, which is a matter of consent', 'unsubscribed', {}, null],
    ['a delivery', 'delivered', {}, null],
    ['an open', 'opened', {}, null],
    ['a click', 'clicked', {}, null],
  ])('%s', (_sentence, kind, properties, expected) => {
    expect(suppressionAfter({ receipt: { kind, messageId: 'm', channel: 'email' }, properties })).toBe(expected);
  });

  it('says nothing of what is no receipt', () => {
    expect(suppressionAfter({ properties: { bounce: 'hard' } })).toBeNull();
  });
});
