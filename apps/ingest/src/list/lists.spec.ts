import { describe, expect, it } from '@jest/globals';
import { events, type Condition, type DefinitionRecord } from '@tidings/contracts';
import { appOfSpec, keys } from '../app.fixture.js';

const segment = (id: string, where: Condition, status: 'published' | 'archived' = 'published'): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'segment', id, version: 1, status, publishedAt: '2026-01-01T00:00:00.000Z', body: { id, where },
}); // prettier-ignore

const app = appOfSpec({
  definitions: [
    segment('vip', { listed: 'vip' }),
    segment('guests', { all: [{ trait: 'plan', equals: 'pro' }, { not: { listed: 'blocked' } }] }),
    segment('gone', { listed: 'gone' }, 'archived'),
  ],
});
const { publisher } = app;

async function change(list: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/api/v1/lists/${list}/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.secret.text}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const told = () => publisher.published(events).map(({ type, name, profileId, properties }) => [type, name, profileId, properties['listed']]);

describe('POST /api/v1/lists/:id/members', () => {
  it('tells each profile, once, that it is on the list or off it', async () => {
    expect(await change('vip', { add: ['ann', 'ann', 7, 'anonymous:x1'], remove: ['bob'] })).toEqual({ status: 202, json: { list: 'vip', added: 3, removed: 1 } });
    expect(told()).toEqual([
      ['listing', 'vip', 'ann', true], ['listing', 'vip', '7', true], ['listing', 'vip', 'anonymous:x1', true], ['listing', 'vip', 'bob', false],
    ]); // prettier-ignore
    expect(publisher.published(events)[2]).toMatchObject({ userId: null, anonymousId: 'x1', workspace: 'demo', source: 'api' });
  });

  it('takes the same Idempotency-Key for the same request, and a list that is asked for among other things', async () => {
    const again = { 'idempotency-key': 'try-1' };
    for (const list of ['vip', 'vip', 'blocked']) await change(list, { add: ['ann'] }, again);
    await change('vip', { remove: ['ann'] }, again);
    await change('vip', { add: ['bob'] }, again);
    await change('vip', { add: ['ann'] });
    expect(new Set(publisher.published(events).map(({ messageId }) => messageId)).size).toBe(5);
  });

  it.each<[string, string, unknown, Record<string, string>, [number, object]]>([
    ['a list that nobody asks for', 'vips', { add: ['ann'] }, {}, [404, {}]],
    ['a list of a segment that is archived', 'gone', { add: ['ann'] }, {}, [404, {}]],
    ['nobody', 'vip', { add: [], remove: [] }, {}, [422, { field: '' }]],
    ['too many', 'vip', { add: Array.from({ length: 600 }, (_, n) => `a${n}`), remove: Array.from({ length: 401 }, (_, n) => `r${n}`) }, {}, [422, { field: '' }]],
    ['far too many', 'vip', { add: Array.from({ length: 1001 }, () => 'a') }, {}, [422, { field: 'add' }]],
    ['somebody on it and off it', 'vip', { add: ['ann'], remove: ['ann'] }, {}, [422, { field: 'remove' }]],
    ['an id that is none', 'vip', { add: ['ann', { id: 'bob' }] }, {}, [422, { field: 'add[1]' }]],
    ['an id without letters', 'vip', { add: [''] }, {}, [422, { field: 'add[0]' }]],
    ['an id that Postgres cannot keep', 'vip', { add: ['a\u0000b'] }, {}, [422, { field: 'add[0]' }]],
    ['an id of 256 characters', 'vip', { add: ['x'.repeat(256)] }, {}, [422, { field: 'add[0]' }]],
    ['an anonymous profile without an id', 'vip', { add: ['anonymous:'] }, {}, [422, { field: 'add[0]' }]],
    ['no list of ids', 'vip', { remove: 'ann' }, {}, [422, { field: 'remove' }]],
    ['another field', 'vip', { ad: ['ann'] }, {}, [422, { field: 'ad' }]],
    ['a list', 'vip', [], {}, [422, { field: '' }]],
    ['a write key', 'vip', { add: ['ann'] }, { authorization: `Bearer ${keys.write.text}` }, [403, {}]],
    ['no key', 'vip', { add: ['ann'] }, { authorization: '' }, [401, {}]],
    ['an Idempotency-Key of 256 characters', 'vip', { add: ['ann'] }, { 'idempotency-key': 'x'.repeat(256) }, [400, {}]],
  ])('refuses %s', async (_name, list, body, headers, [status, problem]) => {
    expect(await change(list, body, headers)).toMatchObject({ status, json: { status, ...problem } });
    expect(publisher.outgoing).toEqual([]);
  });

  it('answers 503 while the broker is away', async () => {
    publisher.failWith();
    expect(await change('vip', { add: ['ann'] })).toMatchObject({ status: 503 });
  });
});

describe('POST /api/v1/imports of a list', () => {
  async function send(body: string, query: Record<string, string>) {
    const text = new URLSearchParams({ kind: 'list', id: 'spec', ...query }).toString();
    const response = await fetch(`${app.url}/api/v1/imports?${text}`, { method: 'POST', body, headers: { authorization: `Bearer ${keys.secret.text}` } });
    const lines = (await response.text()).trim().split('\n');
    return { status: response.status, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  it('puts each row on the list, under an id that is the same when the row is sent again', async () => {
    expect((await send('user_id\nann\nbob\n', { list: 'vip' })).lines.at(-1)).toMatchObject({ kind: 'done', accepted: 2 });
    expect(told()).toEqual([['listing', 'vip', 'ann', true], ['listing', 'vip', 'bob', true]]); // prettier-ignore
    expect(publisher.published(events)).toMatchObject([{ messageId: 'spec/1', traits: {} }, { messageId: 'spec/2' }]);
  });

  it('takes rows off it where a column says so, and refuses what is neither', async () => {
    const { lines } = await send('user_id,listed:boolean,note\nann,no,x\nbob,,\n', { list: 'vip' });
    expect(lines.at(-1)).toMatchObject({ accepted: 2, refused: 0 });
    expect(told()).toEqual([['listing', 'vip', 'ann', false], ['listing', 'vip', 'bob', true]]); // prettier-ignore
    expect((await send('user_id,listed\nann,no\n', { list: 'vip' })).lines[0]).toMatchObject({ kind: 'refused', row: 1, field: 'listed' });
  });

  it.each<[string, Record<string, string>, number]>([
    ['without saying which', {}, 400],
    ['that nobody asks for', { list: 'vips' }, 404],
    ['beside profiles', { kind: 'profiles', list: 'vip' }, 400],
  ])('refuses one %s', async (_name, query, status) => {
    expect((await send('user_id\nann\n', query)).status).toBe(status);
    expect(publisher.outgoing).toEqual([]);
  });
});
