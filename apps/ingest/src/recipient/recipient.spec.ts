import { describe, expect, it } from '@jest/globals';
import { Publisher } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { trackingToken, type TrackingPurpose, type TrackingToken } from '@tidings/service';
import { appOfSpec, specConfig, startApp } from '../app.fixture.js';

const app = appOfSpec();
const { publisher } = app;

const message: TrackingToken = {
  w: 'demo',
  p: 'ann',
  m: 'm1',
  c: 'email',
  j: 'welcome',
  s: 'mail',
  d: '2026-03-02T12:00:00.000Z',
};
const tokenFor = (purpose: TrackingPurpose, change: Partial<TrackingToken> = {}) =>
  trackingToken(specConfig.MASTER_KEY, purpose, { ...message, ...change });
const link = `https://shop.example/cart?id=1&from=${'x'.repeat(300)}#top`;
const visit = (path: string, init: RequestInit = {}) => fetch(app.url + path, { redirect: 'manual', ...init });
const receipts = () => publisher.published(events);

describe('a link in a message', () => {
  it('leads where the token says, once the click is published', async () => {
    const answer = await visit(`/l/${tokenFor('click', { u: link })}`);
    expect([answer.status, answer.headers.get('location'), answer.headers.get('referrer-policy')]).toEqual([
      302,
      link,
      'no-referrer',
    ]);
    expect(receipts()).toMatchObject([
      { type: 'receipt', name: 'receipt', workspace: 'demo', profileId: 'ann', source: 'recipient', properties: { url: link },
        receipt: { kind: 'clicked', messageId: 'm1', channel: 'email', journey: 'welcome', step: 'mail', dueAt: message.d }, context: {} },
    ]); // prettier-ignore
  });

  it('is one event however often it is followed, and another event per link', async () => {
    for (const u of [link, link, 'https://shop.example/other']) await visit(`/l/${tokenFor('click', { u })}`);
    const [first, second, other] = receipts().map(({ messageId }) => messageId);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('leads on even when the broker is away', async () => {
    publisher.failWith();
    expect((await visit(`/l/${tokenFor('click', { u: link })}`)).status).toBe(302);
  });

  it('leads on when the broker does not answer at all', async () => {
    class Silent extends Publisher {
      override publish = () => new Promise<void>(() => undefined);
    }
    const silent = await startApp({ publisher: new Silent(), config: { ACK_TIMEOUT_MS: 60_000 } });
    try {
      const answer = await fetch(`${silent.url}/l/${tokenFor('click', { u: link })}`, { redirect: 'manual' });
      expect(answer.status).toBe(302);
    } finally {
      await silent.app.close();
    }
  });

  it('is not followed by a HEAD or by fetching ahead', async () => {
    const path = `/l/${tokenFor('click', { u: link })}`;
    expect((await visit(path, { method: 'HEAD' })).status).toBe(302);
    expect((await visit(path, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(302);
    expect(receipts()).toEqual([]);
  });

  it.each<[string, () => string]>([
    ['was altered', () => `${tokenFor('click', { u: link }).slice(0, -2)}xx`],
    ['is for another purpose', () => tokenFor('open', { u: link })],
    ['is nothing at all', () => 'abc'],
    ['leads to a script', () => tokenFor('click', { u: 'javascript:alert(1)' })],
    ['leads nowhere', () => tokenFor('click')],
  ])('is a page that says so when the token %s', async (_name, token) => {
    const answer = await visit(`/l/${token()}`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('This link does not work');
    expect(receipts()).toEqual([]);
  });
});

describe('the open pixel', () => {
  it('is a picture nobody caches, and an event', async () => {
    const answer = await visit(`/o/${tokenFor('open')}.gif`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'image/gif',
      'no-store',
    ]);
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(0, 6)
        .toString(),
    ).toBe('GIF89a');
    expect(receipts()).toMatchObject([{ receipt: { kind: 'opened', messageId: 'm1' } }]);
  });
});

describe('the unsubscribe link', () => {
  const path = () => `/u/${tokenFor('unsubscribe')}`;

  it('asks, in a page that works without scripts, and does nothing on GET', async () => {
    const answer = await visit(path());
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(html).toMatch(/<html lang="en">.*<form method="post"><button type="submit">Unsubscribe/s);
    expect(html).not.toMatch(/<script|ann|demo/);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(receipts()).toEqual([]);
  });

  it.each<[string, RequestInit]>([
    [
      'a mailbox provider (RFC 8058)',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' },
    ],
    [
      'a mailbox provider that sends a multipart form',
      {
        body: (() => {
          const form = new FormData();
          form.set('List-Unsubscribe', 'One-Click');
          return form;
        })(),
      },
    ],
    ["the page's button", { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }],
    ['a bare POST', {}],
  ])('withdraws consent for its channel on a POST by %s', async (_name, init) => {
    const answer = await visit(path(), { method: 'POST', ...init });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('You are unsubscribed');
    expect(receipts()).toMatchObject([
      { profileId: 'ann', type: 'receipt', receipt: { kind: 'unsubscribed' }, context: { consent: { email: false } } },
    ]);
  });

  it('says so when it could not be saved, and never that it was', async () => {
    publisher.failWith();
    const answer = await visit(path(), { method: 'POST' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await answer.text()).toContain('That did not work');
  });

  it('refuses a token that was altered', async () => {
    expect((await visit(`${path()}x`, { method: 'POST' })).status).toBe(404);
    expect((await visit('/u/', { method: 'POST' })).status).toBe(404);
    expect(receipts()).toEqual([]);
  });
});
