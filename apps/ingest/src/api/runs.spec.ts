import { describe, expect, it } from '@jest/globals';
import { events, type DefinitionRecord, type JourneyDefinition } from '@tidings/contracts';
import { keys, appOfSpec } from '../app.fixture.js';

const steps: JourneyDefinition['steps'] = [{ id: 'pause', delay: '1h' }];
const journey = (id: string, change: Partial<JourneyDefinition> = {}, status: 'published' | 'archived' = 'published'): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'journey', id, version: 1, status, publishedAt: '2026-01-01T00:00:00.000Z',
  body: { id, entry: [{ api: true }], steps, ...change },
}); // prettier-ignore

const definitions = [
  journey('reset'),
  journey('parcel', { key: 'properties.parcel.id' }),
  journey('gone', {}, 'archived'),
  journey('welcome', { entry: [{ event: 'Signed Up' }] }),
];

const app = appOfSpec({ definitions });
const { publisher } = app;

async function run(id: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/api/v1/journeys/${id}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.secret.text}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    json: (await response.json()) as Record<string, unknown>,
  };
}

type Refused = [status: number, problem: object];

describe('POST /api/v1/journeys/:id/runs', () => {
  it('publishes a trigger and answers 202 with its id', async () => {
    const answer = await run('reset', { profileId: 'ann', data: { link: 'https://shop.example/r' } });
    expect(answer).toMatchObject({ status: 202, json: { journey: 'reset', profileId: 'ann' } });
    expect(publisher.published(events)).toMatchObject([
      {
        type: 'trigger',
        name: 'reset',
        workspace: 'demo',
        profileId: 'ann',
        userId: 'ann',
        properties: { link: 'https://shop.example/r' },
        source: 'api',
        messageId: answer.json['messageId'],
      },
    ]);
  });

  it('takes the Idempotency-Key as the id, so that the same request again is the same event', async () => {
    await run('reset', { profileId: 'ann' }, { 'idempotency-key': 'try-1' });
    await run('reset', { profileId: 'ann' }, { 'idempotency-key': 'try-1' });
    expect(publisher.published(events).map(({ messageId }) => messageId)).toEqual(['try-1', 'try-1']);
  });

  it('puts the key where the journey looks for it', async () => {
    await run('parcel', { profileId: 'ann', key: 'p1', data: { parcel: { size: 'S' } } });
    await run('parcel', { profileId: 'ann', data: { parcel: { id: 'p2' } } });
    expect(publisher.published(events).map(({ properties }) => properties)).toEqual([
      { parcel: { size: 'S', id: 'p1' } },
      { parcel: { id: 'p2' } },
    ]);
  });

  it('reaches an anonymous profile', async () => {
    await run('reset', { profileId: 'anonymous:x1' });
    expect(publisher.published(events)).toMatchObject([{ profileId: 'anonymous:x1', userId: null, anonymousId: 'x1' }]);
  });

  it.each<[string, string, unknown, Record<string, string>, Refused]>([
    ['an unknown journey', 'nowhere', { profileId: 'ann' }, {}, [404, { detail: 'There is no such journey.' }]],
    ['an archived journey', 'gone', { profileId: 'ann' }, {}, [409, {}]],
    ['a journey that begins otherwise', 'welcome', { profileId: 'ann' }, {}, [409, {}]],
    ['nobody', 'reset', { data: {} }, {}, [422, { field: 'profileId' }]],
    ['an anonymous profile without an id', 'reset', { profileId: 'anonymous:' }, {}, [422, { field: 'profileId' }]],
    ['data that is a list', 'reset', { profileId: 'ann', data: [] }, {}, [422, { field: 'data' }]],
    [
      'data of more than 32 KB',
      'reset',
      { profileId: 'ann', data: { a: 'x'.repeat(33_000) } },
      {},
      [422, { field: '' }],
    ],
    ['a key for a journey without one', 'reset', { profileId: 'ann', key: 'k' }, {}, [422, { field: 'key' }]],
    ['no key for a journey with one', 'parcel', { profileId: 'ann' }, {}, [422, { field: 'key' }]],
    ['a list', 'reset', [], {}, [422, { field: '' }]],
    ['a write key', 'reset', { profileId: 'ann' }, { authorization: `Bearer ${keys.write.text}` }, [403, {}]],
    ['no key', 'reset', { profileId: 'ann' }, { authorization: '' }, [401, {}]],
    [
      'an Idempotency-Key of 256 characters',
      'reset',
      { profileId: 'ann' },
      { 'idempotency-key': 'x'.repeat(256) },
      [400, {}],
    ],
  ])('refuses %s with problem details', async (_name, id, body, headers, [status, problem]) => {
    const answer = await run(id, body, headers);
    expect(answer).toMatchObject({ status, json: { status, ...problem } });
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(publisher.outgoing).toEqual([]);
  });

  it('answers 503 while the broker is away', async () => {
    publisher.failWith();
    expect(await run('reset', { profileId: 'ann' })).toMatchObject({ status: 503 });
  });
});
