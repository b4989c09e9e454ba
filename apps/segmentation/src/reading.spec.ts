import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKey } from '@tidings/service';
import { at, Bench, did, HOUR, identified, segmentOf } from './bench.fixture.js';
import { HttpOfSpec, keyRecord, type Answer } from './http.fixture.js';

const secrets = { read: newKey('secret'), admin: newKey('secret'), other: newKey('secret'), write: newKey('secret') };

const bench = new Bench();
let http: HttpOfSpec;

beforeAll(async () => {
  await bench.open();
  await bench.reset(
    segmentOf('pros', { trait: 'plan', equals: 'pro' }),
    keyRecord(secrets.read, ['read']),
    keyRecord(secrets.admin, ['read', 'admin']),
    keyRecord(secrets.other, ['read'], 'other'),
    keyRecord(secrets.write, ['write']),
  );
  const device = { id: 'phone', type: 'ios', token: 'a-token-that-is-long-enough' };
  await bench.hear(
    identified({ plan: 'pro', age: 36 }, 0, { context: { device, consent: { email: false }, location: { latitude: 48.5665, longitude: 13.4312, city: 'Passau' } } }),
    did('Ordered', HOUR, { properties: { total: 5 }, context: { device } }),
    did('Seen', 30 * HOUR),
    ...['bob', 'cleo', 'dan'].map((profileId, index) =>
      identified({ plan: index === 2 ? 'free' : 'pro', age: String(index) }, 0, { profileId }),
    ),
    identified({ plan: 'pro' }, 0, { workspace: 'other', profileId: 'stranger' }),
    did('Visited', -HOUR, { profileId: 'anonymous:web/1', userId: null, anonymousId: 'web/1' }),
    did('Seen', 0, { profileId: 'cleo', userId: 'cleo', anonymousId: 'web/1', messageId: 'signs-in' }),
  );
  http = await HttpOfSpec.of(bench);
});
afterAll(async () => {
  await http.close();
  await bench.close();
});

const ask = (path: string, key = secrets.read) => http.ask(path, key);
const get = (path: string, key = secrets.read): Promise<Answer> => http.get(path, key);
async function everything(path: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: Answer = await get(next === '' ? path : `${path}&after=${next}`);
    expect(page.items.length).toBeLessThanOrEqual(2);
    all.push(...page.items);
    next = page.next;
  }
  return all;
}

describe('profiles', () => {
  it('are listed by cursor, those of the key’s workspace only', async () => {
    expect((await everything('profiles?limit=2')).map(({ id }) => id)).toEqual(['ann', 'bob', 'cleo', 'dan']);
    expect((await get('profiles', secrets.other)).items.map(({ id }) => id)).toEqual(['stranger']);
  });

  it.each([
    ['plan:pro', ['ann', 'bob', 'cleo']],
    ['age:36', ['ann']],
    ['age:0', ['bob']],
    ['plan:none', []],
  ])('are found by the trait %s', async (trait, expected) => {
    expect((await everything(`profiles?limit=2&trait=${trait}`)).map(({ id }) => id)).toEqual(expected);
  });

  it('are shown with segments, consent and devices, whose tokens only an admin sees', async () => {
    const shown = await get('profiles/ann');
    expect(shown).toMatchObject({
      id: 'ann', traits: { plan: 'pro', age: 36 }, segments: ['pros'], consent: { email: false }, createdAt: at(0).toISOString(),
      devices: [{ id: 'phone', token: '***ough' }],
    }); // prettier-ignore
    expect(await get('profiles/ann', secrets.admin)).toMatchObject({
      devices: [{ token: 'a-token-that-is-long-enough' }],
    });
  });

  it('show where they were: to an admin the point, to others the cell around it', async () => {
    const [point, area] = [{ cell: '881e3200d1fffff', at: at(0).toISOString() }, { city: 'Passau', at: at(0).toISOString() }];
    expect(await get('profiles/ann')).toHaveProperty('place', { point, area });
    const exact = { latitude: 48.5665, longitude: 13.4312 };
    expect(await get('profiles/ann', secrets.admin)).toHaveProperty('place', { point: { ...exact, ...point }, area });
    expect(await get('profiles/bob')).toHaveProperty('place', null);
  });

  it('are found under any id of theirs, and say which these are and which event merged them', async () => {
    const visitor = `profiles/${encodeURIComponent('anonymous:web/1')}`;
    const cleo = await get('profiles/cleo');
    expect(await get(visitor)).toEqual(cleo);
    expect(cleo).toMatchObject({
      id: 'cleo',
      createdAt: at(-HOUR).toISOString(),
      mergedIds: [{ id: 'anonymous:web/1', at: at(0).toISOString(), by: 'signs-in' }],
      refusedIds: [],
    });
    expect((await everything(`${visitor}/events?limit=2`)).map(({ name, merged }) => [name, merged])).toEqual([
      ['Seen', ['anonymous:web/1']],
      ['identify', undefined],
      ['Visited', undefined],
    ]);
  });

  it('have a history, the newest first, without the device’s token', async () => {
    expect((await ask('profiles/ann/events?context=true')).status).toBe(403);
    expect((await get('profiles/ann/events?context=true', secrets.admin)).items.every((item) => 'context' in item)).toBe(true);
    const history = await everything('profiles/ann/events?limit=2');
    expect(history.map(({ name, receivedAt }) => [name, receivedAt])).toEqual([
      ['Seen', at(30 * HOUR).toISOString()],
      ['Ordered', at(HOUR).toISOString()],
      ['identify', at(0).toISOString()],
    ]);
    expect(history[1]).toEqual({
      messageId: expect.any(String), type: 'track', name: 'Ordered', userId: 'ann', anonymousId: null, properties: { total: 5 }, traits: {},
      timestamp: at(HOUR).toISOString(), receivedAt: at(HOUR).toISOString(), source: 'http',
    }); // prettier-ignore
    expect(JSON.stringify(history)).not.toContain('a-token');
  });

  it.each([
    ['profiles/nobody', secrets.read, 404],
    ['profiles/stranger', secrets.read, 404],
    ['profiles?limit=0', secrets.read, 400],
    ['profiles?after=nonsense', secrets.read, 400],
    ['profiles?trait=plan', secrets.read, 400],
    ['profiles', secrets.write, 403],
    ['segments/none/members', secrets.read, 404],
    ['segments/pros/members', secrets.other, 404],
  ])('%s is refused as a problem', async (path, key, status) => {
    const answer = await ask(path, key);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
  });
});

describe('a segment', () => {
  it('lists its members by cursor and says how many there are', async () => {
    expect((await everything('segments/pros/members?limit=2')).map(({ profileId }) => profileId)).toEqual([
      'ann',
      'bob',
      'cleo',
    ]);
    expect(await get('segments/pros/members?limit=1')).toMatchObject({ count: 3, items: [{ profileId: 'ann' }] });
  });
});
