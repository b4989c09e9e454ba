import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deadLetters, events, type DefinitionRecord, type SourceDefinition } from '@tidings/contracts';
import { seal } from '@tidings/service';
import { keys, specConfig, appOfSpec } from '../app.fixture.js';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const published = (body: SourceDefinition, workspace = 'demo'): DefinitionRecord => ({
  v: 1, workspace, kind: 'source', id: body.id, version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z', body,
}); // prettier-ignore
const hook = (workspace: string, map: SourceDefinition['map'], sealed = secret): SourceDefinition => ({
  id: 'billing',
  webhook: { signature: { scheme: 'standard-webhooks', sealedSecrets: [seal(specConfig.MASTER_KEY, `source:${workspace}:billing`, sealed)] } },
  ...(map !== undefined && { map }),
});
const map = "lines.{ 'type': 'track', 'userId': $$.customer, 'event': 'Line Bought', 'properties': { 'sku': sku, 'tenant': $headers.`x-tenant` } }";
const otherWorkspace: DefinitionRecord = { v: 1, workspace: 'other', kind: 'workspace', id: 'other', version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z', body: { id: 'other', consentModel: 'opt-out' } };
const definitions = [
  otherWorkspace,
  published(hook('other', map, 'whsec_b3RoZXIgc2VjcmV0IG9mIG90aGVycw=='), 'other'),
  published(hook('demo', map)),
  published({ id: 'orders', kafka: { topic: 'tidings.events' }, map: "{ 'type': 'page' }" }),
];

const app = appOfSpec({ definitions });
const { publisher } = app;

async function call(body: string, change: Record<string, string> = {}, key = secret) {
  const [id, time] = ['msg_1', String(Math.floor(Date.now() / 1000))];
  const digest = createHmac('sha256', Buffer.from(key.slice(6), 'base64')).update(`${id}.${time}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${digest}`, 'x-tenant': 'north', 'content-type': 'application/json', authorization: 'Bearer s3cret', ...change };
  const response = await fetch(`${app.url}/hooks/sources/billing`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
}

const api = async (method: string, path: string, body?: unknown, key = keys.secret.text) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${app.url}/api/v1/sources/${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};
const order = JSON.stringify({ customer: 'ann', lines: [{ sku: 'a' }, { sku: 'b' }] });

describe('a webhook of a source', () => {
  it('becomes the events that its mapping makes, under ids that are the same when it is sent again', async () => {
    expect(await call(order)).toMatchObject({ status: 200 });
    expect(publisher.published(events)).toMatchObject([
      { workspace: 'demo', profileId: 'ann', name: 'Line Bought', properties: { sku: 'a', tenant: 'north' }, messageId: 'billing/msg_1', source: 'http' },
      { properties: { sku: 'b' }, messageId: 'billing/msg_1/1' },
    ]);
    await call(order);
    expect(new Set(publisher.published(events).map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('belongs to the workspace whose secret signed it', async () => {
    await call(order, {}, 'whsec_b3RoZXIgc2VjcmV0IG9mIG90aGVycw==');
    expect(publisher.published(events).map(({ workspace }) => workspace)).toEqual(['other', 'other']);
  });

  it('is all kept or all set aside, with the reason, and without the sender\'s credentials', async () => {
    const bad = JSON.stringify({ customer: 'ann', lines: [{ sku: 'a' }, { sku: '\u0000' }] });
    expect(await call(bad)).toMatchObject({ status: 200 });
    expect(publisher.published(events)).toEqual([]);
    const [letter] = publisher.outgoing.filter(({ topic }) => topic === deadLetters.name);
    expect(letter?.value?.toString()).toBe(bad);
    expect(letter?.headers).toMatchObject({ workspace: 'demo', 'source-topic': 'source:billing', 'tidings-source': 'billing', reason: 'calls[1].properties.sku holds the character NUL' });
    expect(Object.keys(letter?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(JSON.stringify(letter?.headers)).not.toContain('s3cret');
  });

  it.each<[string, () => Promise<object>, object]>([
    ['is refused when it is not signed', () => call(order, { 'webhook-signature': '' }), { status: 401 }],
    ['is refused when another signed it', () => call(order, {}, 'whsec_AAAA'), { status: 401 }],
    ['is refused when it is too old', () => call(order, { 'webhook-timestamp': '1000' }), { status: 401, text: expect.stringContaining('too old') }],
    ['is set aside when it is no JSON', () => call('{'), { status: 200 }],
    ['is told to come again when the broker is away', () => { publisher.failWith(); return call(order); }, { status: 503, retryAfter: '5' }],
  ])('%s', async (_name, send, expected) => {
    expect(await send()).toMatchObject(expected);
    expect(publisher.published(events)).toEqual([]);
  }); // prettier-ignore

  it('of a source that is not there is answered 404', async () => {
    expect((await fetch(`${app.url}/hooks/sources/nothing`, { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await fetch(`${app.url}/hooks/sources/orders`, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});

describe('a preview', () => {
  const source = { kafka: { topic: 'shop.orders' }, map: { type: "total > 0 ? 'track'", userId: '$number(id) > 0 ? id', event: "'Order'" } };

  it('shows what each record would become, and publishes nothing', async () => {
    const records = [{ value: { id: '7', total: 1 } }, { value: { id: '7', total: 0 } }, { value: { id: 'ann', total: 1 } }, { value: 'text' }];
    const { status, json } = await api('POST', 'preview', { source, records });
    expect(status).toBe(200);
    expect(json['items']).toMatchObject([
      { place: '0', outcome: 'events', calls: [{ type: 'track', userId: '7' }], events: [{ profileId: '7', name: 'Order', source: 'kafka' }], error: null },
      { place: '1', outcome: 'ignored', events: [] },
      { place: '2', outcome: 'refused', error: { field: 'map.userId', message: expect.stringContaining('fails at character'), detail: expect.stringContaining('ann') } },
      { place: '3', record: '"text"' },
    ]);
    expect(publisher.outgoing).toEqual([]);
  });

  it('shows CloudEvents as their mapping sees them', async () => {
    const value = { specversion: '1.0', id: 'e1', source: '/shop', type: 'placed', subject: 'ann', time: '2026-03-02T10:00:00Z', data: { total: 3 } };
    const byType = { placed: "{ 'type': 'track', 'event': 'Placed', 'properties': $ }" };
    const { json } = await api('POST', 'preview', { source: { kafka: source.kafka, byType }, records: [{ value }, { value: { ...value, type: 'other' } }] });
    expect(json['items']).toMatchObject([{ events: [{ userId: 'ann', messageId: '/shop e1', timestamp: '2026-03-02T10:00:00.000Z', properties: { total: 3 } }] }, { outcome: 'ignored' }]);
  });

  it.each<[string, unknown, number, RegExp]>([
    ['of a draft that is wrong', { source: { ...source, map: '((' }, records: [] }, 422, /map.*is no JSONata/],
    ['of a webhook without records', { source: hook('demo', map) }, 400, /records: is missing/],
    ['of one of our own topics', { source: { ...source, kafka: { topic: 'tidings.definitions' } } }, 422, /installation's own/],
    ['of Kafka\'s own topics', { source: { ...source, kafka: { topic: '__consumer_offsets' } } }, 422, /Kafka's own/],
    ['with an unknown field', { source, rows: [] }, 400, /rows: there is no such field/],
  ])('%s is refused', async (_name, body, status, expected) => {
    const answer = await api('POST', 'preview', body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.json)).toMatch(expected);
  });

  it('needs a key that may write', async () => {
    expect((await api('POST', 'preview', { source, records: [] }, keys.write.text)).status).toBe(403);
  });
});

describe('the status of a source', () => {
  it('counts what came and says why the newest was refused', async () => {
    await call('{}');
    await call('{');
    const { json } = await api('GET', 'billing/status');
    expect(json).toMatchObject({ id: 'billing', kind: 'webhook', counts: { lastError: { reason: 'the event is not valid JSON', at: expect.any(String) } } });
  });

  it('of a topic that may not be read says so', async () => {
    expect(await api('GET', 'orders/status')).toMatchObject({ status: 200, json: { kind: 'kafka', state: 'failed', reason: expect.stringContaining("installation's own"), lag: null } });
    expect((await api('GET', 'nothing/status')).status).toBe(404);
  });
});

it('a sealed secret opens for its source only', async () => {
  const { json } = await api('POST', 'billing/seal', { secret: 'a secret that is long' });
  expect(json['sealed']).toMatch(/^v1\./);
  expect((await api('POST', 'billing/seal', { secret: 'short' })).status).toBe(400);
});
