import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { events, type DefinitionRecord } from '@tidings/contracts';
import { trackingToken, type TrackingToken } from '@tidings/service';
import { specConfig, appOfSpec } from '../app.fixture.js';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const webhookPublicKey = key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

const provider = (id: string, settings: Record<string, string>): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'provider', id, version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z',
  body: { id, channel: 'email', kind: 'sendgrid', settings, sealed: null },
}); // prettier-ignore

const app = appOfSpec({ definitions: [
      provider('mail', { webhookPublicKey }),
      provider('keyless', {}),
      provider('mistyped', { webhookPublicKey: 'x' }),
    ],
  });
const { publisher } = app;

const message: TrackingToken = { w: 'demo', p: 'ann', m: 'm1', c: 'email', j: 'welcome', s: 'mail' };
const mid = trackingToken(specConfig.MASTER_KEY, 'receipt', message);
const happenedAt = Math.floor(Date.now() / 1000) - 60;
const event = (change: object) => ({
  email: 'ann@example.com',
  timestamp: happenedAt,
  sg_event_id: 'sg-1',
  mid,
  ...change,
});

interface Call {
  readonly to?: string;
  readonly signedBy?: typeof key;
  readonly ageSeconds?: number;
  readonly alter?: (body: string) => string;
}

async function deliver(
  reports: unknown,
  { to = 'mail', signedBy = key, ageSeconds = 0, alter = (body) => body }: Call = {},
) {
  const body = JSON.stringify(reports);
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  const signature = sign('sha256', Buffer.from(timestamp + body), {
    key: signedBy.privateKey,
    dsaEncoding: 'der',
  }).toString('base64');
  return fetch(`${app.url}/hooks/sendgrid/${to}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body: alter(body),
  });
}

describe("SendGrid's event webhook", () => {
  it.each<[string, object, object | null]>([
    ['delivered', { event: 'delivered' }, { receipt: { kind: 'delivered' }, properties: {} }],
    [
      'a hard bounce',
      { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 ann@example.com unknown' },
      { receipt: { kind: 'bounced' }, properties: { bounce: 'hard', status: '5.1.1' } },
    ],
    ['a block', { event: 'bounce', type: 'blocked' }, { receipt: { kind: 'bounced' }, properties: { bounce: 'soft' } }],
    [
      'dropped',
      { event: 'dropped', reason: 'Bounced Address' },
      { receipt: { kind: 'bounced' }, properties: { bounce: 'dropped', because: 'bounced' } },
    ],
    [
      'dropped after a complaint',
      { event: 'dropped', reason: 'Spam Reporting Address' },
      { properties: { bounce: 'dropped', because: 'complained' } },
    ],
    [
      'dropped as unsubscribed',
      { event: 'dropped', reason: 'Unsubscribed Address' },
      { properties: { bounce: 'dropped', because: 'unsubscribed' } },
    ],
    ['dropped as invalid', { event: 'dropped', reason: 'Invalid' }, { properties: { because: 'invalid' } }],
    [
      'dropped for another reason, with an address in it',
      { event: 'dropped', reason: 'Recipient List over Package Quota ann@example.com' },
      { properties: { because: 'other' } },
    ],
    [
      'a report with the hash of the address that our reference holds',
      {
        event: 'bounce',
        mid: trackingToken(specConfig.MASTER_KEY, 'receipt', { ...message, a: 'hash-1', d: '2026-03-01T09:00:00.000Z' }),
      },
      { receipt: { kind: 'bounced', address: 'hash-1', dueAt: '2026-03-01T09:00:00.000Z' } },
    ],
    ['an open', { event: 'open' }, { receipt: { kind: 'opened' } }],
    [
      'a click',
      { event: 'click', url: 'https://shop.example/' },
      { receipt: { kind: 'clicked' }, properties: { url: 'https://shop.example/' } },
    ],
    [
      'a complaint',
      { event: 'spamreport' },
      { receipt: { kind: 'complained' }, context: { consent: { email: false } } },
    ],
    [
      'an unsubscription',
      { event: 'unsubscribe' },
      { receipt: { kind: 'unsubscribed' }, context: { consent: { email: false } } },
    ],
    [
      'an unsubscription from a group',
      { event: 'group_unsubscribe' },
      { receipt: { kind: 'unsubscribed' }, context: { consent: { email: false } } },
    ],
    ['processed', { event: 'processed' }, null],
    ['deferred', { event: 'deferred' }, null],
    ['something new', { event: 'constructor' }, null],
    ['a message that is not ours', { event: 'open', mid: 'abc' }, null],
    ['a message without our token', { event: 'open', mid: undefined }, null],
    [
      'a message of another workspace',
      { event: 'open', mid: trackingToken(specConfig.MASTER_KEY, 'receipt', { ...message, w: 'other' }) },
      null,
    ],
    ['a token from a link', { event: 'open', mid: trackingToken(specConfig.MASTER_KEY, 'click', message) }, null],
  ])('%s', async (_name, change, expected) => {
    expect((await deliver([event(change)])).status).toBe(200);
    const common = {
      type: 'receipt',
      workspace: 'demo',
      profileId: 'ann',
      messageId: 'sg-1',
      source: 'provider',
      timestamp: new Date(happenedAt * 1000).toISOString(),
    };
    expect(publisher.published(events)).toMatchObject(expected ? [{ ...common, ...expected }] : []);
    expect(JSON.stringify(publisher.outgoing)).not.toContain('ann@example.com');
  });

  it('derives an id when SendGrid gives none, and takes what it does not know for nothing', async () => {
    expect(
      (
        await deliver([
          event({ event: 'open', sg_event_id: undefined }),
          null,
          7,
          event({ event: 'open', sg_event_id: undefined }),
        ])
      ).status,
    ).toBe(200);
    const [first, second] = publisher.published(events);
    expect(first?.messageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.messageId).toBe(first?.messageId);
  });

  it.each<[string, Call, number]>([
    ['a signature of somebody else', { signedBy: stranger }, 403],
    ['a body altered on the way', { alter: (body) => body.replace('open', 'spamreport') }, 403],
    ['a body with one blank more', { alter: (body) => `${body} ` }, 403],
    ['a copy from the day before yesterday', { ageSeconds: 2 * 86_400 }, 403],
    ['a call from the future', { ageSeconds: -3600 }, 403],
    ['a provider without a verification key', { to: 'keyless' }, 403],
    ['a provider whose key is none', { to: 'mistyped' }, 403],
    ['a provider that does not exist', { to: 'nobody' }, 404],
  ])('refuses %s', async (_name, call, status) => {
    expect((await deliver([event({ event: 'open' })], call)).status).toBe(status);
    expect(publisher.outgoing).toEqual([]);
  });

  it('takes a call that SendGrid delivers again hours later', async () => {
    expect((await deliver([event({ event: 'open' })], { ageSeconds: 20 * 3600 })).status).toBe(200);
  });

  it('refuses what is no list, and unsigned calls', async () => {
    expect((await deliver({ event: 'open' })).status).toBe(400);
    expect((await fetch(`${app.url}/hooks/sendgrid/mail`, { method: 'POST', body: '[]' })).status).toBe(403);
  });

  it('answers 503 while the broker is away, so that SendGrid delivers again', async () => {
    publisher.failWith();
    const answer = await deliver([event({ event: 'open' })]);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });
});
