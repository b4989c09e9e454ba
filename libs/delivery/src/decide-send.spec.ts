import { describe, expect, it } from '@jest/globals';
import type { Profile } from '@tidings/contracts';
import { decideSend, type SendDecision, type SendQuestion } from './decide-send.js';

const phone = { id: 'phone', type: 'ios', token: 'token-1', seenAt: '2026-03-01T00:00:00.000Z' };
const tablet = { id: 'tablet', type: 'android', token: 'token-2', seenAt: '2026-03-02T00:00:00.000Z' };

const profile: Profile = {
  id: 'p-1',
  version: 1,
  traits: { email: 'p1@example.com' },
  devices: [phone],
  consent: {},
  timezone: null,
  locale: null,
  segments: [],
  createdAt: '2026-03-01T00:00:00.000Z',
};
const question: SendQuestion = { channel: 'email', profile, consentModel: 'opt-out', hasTemplate: true };

const toMailbox = (consent: string): SendDecision => ({
  kind: 'send',
  rule: 'eligible',
  values: { consent, endpoints: 1 },
  endpoints: [{ id: 'email', address: 'p1@example.com' }],
});

describe('decideSend', () => {
  it.each<[string, Partial<SendQuestion>, Partial<Profile>, SendDecision]>([
    ['sends to somebody never asked, where people opt out', {}, {}, toMailbox('unasked')],
    ['sends to somebody who agreed', { consentModel: 'opt-in' }, { consent: { email: true } }, toMailbox('agreed')],
    ['withholds from somebody never asked, where people opt in', { consentModel: 'opt-in' }, {},
      { kind: 'withhold', rule: 'no-consent', values: { consent: 'unasked', model: 'opt-in' } }],
    ['withholds from somebody who declined', {}, { consent: { email: false } },
      { kind: 'withhold', rule: 'no-consent', values: { consent: 'declined', model: 'opt-out' } }],
    ['asks for the consent of the channel, not of another', {}, { consent: { push: false } }, toMailbox('unasked')],
    ['withholds without a template, before anything about the person', { hasTemplate: false }, { consent: { email: false } },
      { kind: 'withhold', rule: 'no-template', values: { channel: 'email' } }],
    ['asks for consent before it looks for an address', {}, { consent: { email: false }, traits: {} },
      { kind: 'withhold', rule: 'no-consent', values: { consent: 'declined', model: 'opt-out' } }],
    ['withholds an e-mail where no address is known', {}, { traits: {} },
      { kind: 'withhold', rule: 'no-address', values: { email: 'absent' } }],
    ['pushes to every device with a token', { channel: 'push' }, { devices: [phone, tablet, { ...phone, id: 'old', token: null }] },
      { kind: 'send', rule: 'eligible', values: { consent: 'unasked', endpoints: 2 },
        endpoints: [{ id: 'phone', address: 'token-1' }, { id: 'tablet', address: 'token-2' }] }],
    ['pushes once to two devices with the same token: the one seen last', { channel: 'push' }, { devices: [{ ...tablet, token: 'token-1' }, phone] },
      { kind: 'send', rule: 'eligible', values: { consent: 'unasked', endpoints: 1 }, endpoints: [{ id: 'tablet', address: 'token-1' }] }],
    ['withholds a push where no device has a token', { channel: 'push' }, { devices: [{ ...phone, token: null }] },
      { kind: 'withhold', rule: 'no-address', values: { devices: 1, withToken: 0 } }],
    ['withholds a push where there is no device', { channel: 'push' }, { devices: [] },
      { kind: 'withhold', rule: 'no-address', values: { devices: 0, withToken: 0 } }],
  ])('%s', (_sentence, asked, who, expected) => {
    expect(decideSend({ ...question, ...asked, profile: { ...profile, ...who } })).toEqual(expected);
  });

  it.each([
    '', 'nobody', 'a@b', 'a b@example.com', 'a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com', '<a@example.com>',
    'a@@example.com', 'a@example..com', `${'a'.repeat(65)}@example.com`, `a@${'b'.repeat(260)}.com`, 7, true, ['a@example.com'], { a: 1 },
  ])('does not take %j for a mailbox', (email) => {
    const decision = decideSend({ ...question, profile: { ...profile, traits: { email } } });
    expect(decision).toEqual({ kind: 'withhold', rule: 'no-address', values: { email: 'unusable' } });
  });

  it('never puts an address or a token among the values', () => {
    const decisions = (['push', 'email'] as const).map((channel) => decideSend({ ...question, channel }));
    expect(JSON.stringify(decisions.map(({ values }) => values))).not.toMatch(/example\.com|token-1/);
  });
});
