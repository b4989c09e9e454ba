import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { deadLetters, events } from '@tidings/contracts';
import { appOfSpec, keys, startApp } from '../app.fixture.js';

const app = appOfSpec();
const { publisher } = app;

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
const json = { 'content-type': 'application/json' };

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = { ...basic(keys.write.text), ...json },
) {
  const payload = body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
  const response = await fetch(app.url + path, { method: 'POST', body: payload, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const track = (change: object = {}) => ({ userId: 'ann', event: 'Product Added', ...change });
const accepted = () => publisher.published(events);

describe('the tracking API', () => {
  it.each<[string, object, string]>([
    ['/v1/identify', { userId: 'ann', traits: { plan: 'pro' } }, 'identify'],
    ['/v1/track', track(), 'track'],
    ['/v1/page', { userId: 'ann', name: 'Cart' }, 'page'],
    ['/v1/screen', { userId: 'ann', name: 'Home' }, 'screen'],
    ['/v1/group', { userId: 'ann', groupId: 'g' }, 'group'],
    ['/v1/alias', { userId: 'ann', previousId: 'x' }, 'alias'],
    ['/v1/i', { userId: 'ann' }, 'identify'],
    ['/v1/t', track(), 'track'],
    ['/v1/p', { userId: 'ann' }, 'page'],
    ['/v1/s', { userId: 'ann' }, 'screen'],
    ['/v1/g', { userId: 'ann', groupId: 'g' }, 'group'],
    ['/v1/a', { userId: 'ann', previousId: 'x' }, 'alias'],
    ['/v1/batch', { batch: [track({ type: 'track' })] }, 'track'],
    ['/v1/import', { batch: [track({ type: 'track' })] }, 'track'],
    ['/v1/b', { batch: [track({ type: 'track' })] }, 'track'],
    ['/v1/import/', { batch: [track({ type: 'track' })] }, 'track'],
  ])('POST %s answers exactly {"success":true} once the event is published', async (path, body, type) => {
    expect(await post(path, body)).toMatchObject({ status: 200, text: '{"success":true}' });
    expect(accepted()).toMatchObject([{ workspace: 'demo', profileId: 'ann', type, source: 'http' }]);
    expect(publisher.outgoing[0]?.key).toBe('demo:ann');
  });

  it.each<[string, unknown, Record<string, string>, string]>([
    [
      'in the body, sent as text by a browser',
      { ...track(), writeKey: keys.write.text },
      { 'content-type': 'text/plain;charset=UTF-8' },
      '',
    ],
    ['in the query', track(), json, `?writeKey=${keys.write.text}`],
    [
      'as the user name, with any password',
      track(),
      { authorization: `Basic ${Buffer.from(`${keys.write.text}:x`).toString('base64')}` },
      '',
    ],
  ])('takes the write key %s', async (_name, body, headers, query) => {
    expect((await post(`/v1/track${query}`, body, headers)).status).toBe(200);
    expect(accepted()).toHaveLength(1);
  });

  it('takes the write key from a batch, as phones send it: text, gzip, no Authorization', async () => {
    const body = gzipSync(
      JSON.stringify({ writeKey: keys.write.text, batch: [track({ type: 'track' })], sentAt: new Date() }),
    );
    expect((await post('/v1/b', body, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })).status).toBe(200);
    expect(accepted()).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, unknown]>([
    ['no key', json, track()],
    ['a key that is not in force', { ...json, ...basic(keys.unknown.text) }, track()],
    ['a key with a wrong letter', { ...json, ...basic(`${keys.write.text.slice(0, -1)}x`) }, track()],
    ['a secret key without the scope', { ...json, ...basic(keys.secret.text) }, track()],
    ['a key that is an object', json, { ...track(), writeKey: {} }],
  ])('answers 401 to %s', async (_name, headers, body) => {
    const answer = await post('/v1/track', body, headers);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, code: 'unauthorised' });
    expect(publisher.outgoing).toEqual([]);
  });

  it('names the field at fault', async () => {
    const answer = await post('/v1/track', { userId: 'ann', event: 'E', context: { device: { token: 't' } } });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      success: false,
      code: 'invalid_request',
      message: 'context.device.id is required with a token.',
      field: 'context.device.id',
    });
  });

  it('accepts the good events of a batch and sets the bad ones aside, because SDKs drop the whole batch on 400', async () => {
    const answer = await post('/v1/batch', {
      batch: [
        track({ type: 'track' }),
        track({ type: 'track', event: 7, secret: 'x' }),
        track({ type: 'track', userId: 'bob' }),
      ],
    });
    expect(answer).toMatchObject({ status: 200, text: '{"success":true}' });
    expect(accepted().map(({ profileId }) => profileId)).toEqual(['ann', 'bob']);
    const letter = publisher.outgoing.find(({ topic }) => topic === deadLetters.name);
    expect(JSON.parse(String(letter?.value))).toMatchObject({ event: 7, secret: 'x' });
    expect(letter?.headers).toMatchObject({
      reason: 'event must be a text',
      consumer: 'ingest',
      'source-topic': 'http:/v1/batch',
    });
  });

  it('answers 400, naming the first, to a batch without any good event, and keeps nothing of it', async () => {
    const answer = await post('/v1/batch', { batch: [track({ type: 'track', event: 7 }), null] });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      field: 'batch[0].event',
      message: 'batch[0].event must be a text.',
    });
    expect(publisher.outgoing).toEqual([]);
  });

  it('answers 200 to an empty batch', async () => {
    expect((await post('/v1/batch', { batch: [] })).status).toBe(200);
  });

  it("hands the caller's trace on, and nothing that only looks like one", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await post('/v1/track', track(), { ...basic(keys.write.text), traceparent });
    await post('/v1/track', track(), { ...basic(keys.write.text), traceparent: 'ann@example.com' });
    expect(publisher.outgoing.map((message) => message.traceparent)).toEqual([traceparent, null]);
  });

  it('lets browsers of any origin in', async () => {
    const preflight = await fetch(`${app.url}/v1/t`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type');
    expect((await post('/v1/t', track())).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('answers 503 with Retry-After when the broker does not take the event', async () => {
    publisher.failWith();
    const answer = await post('/v1/track', track());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.text).not.toContain('true');
  });

  it('answers 404 to calls that do not exist', async () => {
    expect((await post('/v1/receipt', track())).status).toBe(404);
  });
});

describe('the limits of the tracking API', () => {
  it('answers 429 with Retry-After to a key that has used up its events, and to no other', async () => {
    const limited = await startApp({ publisher, config: { RATE_LIMIT_PER_KEY: 1, RATE_LIMIT_PER_WORKSPACE: 1000 } });
    try {
      const send = (headers: Record<string, string>) =>
        fetch(`${limited.url}/v1/batch`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ batch: Array.from({ length: 50 }, () => track({ type: 'track' })) }),
        });
      expect((await send(basic(keys.write.text))).status).toBe(200);
      const answer = await send(basic(keys.write.text));
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(47);
      expect(answer.headers.get('x-ratelimit-reset')).toBe(answer.headers.get('retry-after'));
    } finally {
      await limited.app.close();
    }
  });
});
