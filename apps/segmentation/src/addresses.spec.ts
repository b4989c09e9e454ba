import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKey } from '@tidings/service';
import { at, Bench, HOUR, identified, MINUTE, SECOND } from './bench.fixture.js';
import { HttpOfSpec, keyRecord, type Answer } from './http.fixture.js';

const secrets = { read: newKey('secret'), admin: newKey('secret'), other: newKey('secret') };
const keys = { p256dh: `B${'a-_9'.repeat(21)}xy`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' };
const endpoint = `https://push.example.com/send/${'x'.repeat(2_000)}1234`;
const token = 'a-token-that-is-long-enough';

const bench = new Bench();
let http: HttpOfSpec;

beforeAll(async () => {
  await bench.open();
  await bench.reset(keyRecord(secrets.read, ['read']), keyRecord(secrets.admin, ['read', 'admin']), keyRecord(secrets.other, ['read'], 'other'));
  const context = { device: { id: 'phone', type: 'ios', token }, consent: { sms: true, push: false }, locale: 'de-AT' };
  await bench.hear(
    identified({ email: 'Ann@Example.com', phone: '0660 1234567' }, 0, { context }),
    identified({}, MINUTE, { context: { webPush: { endpoint, keys }, chat: { kind: 'telegram', id: '7:7' } } }),
    identified({ email: 'ann@example.com', phone: '0660 1234567' }, 0, { profileId: 'bob', userId: 'bob' }),
    identified({ email: 'ann@example.com' }, 0, { workspace: 'other', profileId: 'stranger', userId: 'stranger' }),
    identified({ email: 'moved@example.com', phone: '+351 912 345 678' }, 0, { profileId: 'cleo', userId: 'cleo' }),
    identified({ email: 'cleo@example.com', phone: null }, MINUTE, { profileId: 'cleo', userId: 'cleo', context: { chat: { kind: 'slack', id: 'U1' } } }),
    identified({}, HOUR, { profileId: 'cleo', userId: 'cleo', context: { chat: { kind: 'slack', id: 'U1', removed: true } } }),
    identified({ email: 'visitor@example.com' }, 0, { profileId: 'anonymous:web', userId: null, anonymousId: 'web' }),
    identified({ phone: '0049 30 901820' }, SECOND, { profileId: 'dan', userId: 'dan', anonymousId: 'web', context: { location: { country: 'AT' } } }),
  );
  http = await HttpOfSpec.of(bench);
});
afterAll(async () => {
  await http.close();
  await bench.close();
});

const found = async (query: string, key = secrets.read): Promise<unknown> => (await http.get(`profiles?${query}`, key)).items.map(({ id }) => id);
const whole = encodeURIComponent;

describe('the addresses of a profile', () => {
  it('are shown with validity, consent and times, tokens and keys to an admin only', async () => {
    const seen = (minutes: number) => at(minutes * MINUTE).toISOString();
    const known = { validity: 'valid', reason: null, firstSeen: null, lastSeen: seen(0) };
    const expected = [
      { kind: 'email', channel: 'email', address: 'Ann@Example.com', consent: 'unasked', ...known },
      { kind: 'phone', channel: 'sms', address: '+436601234567', consent: 'agreed', ...known },
      { kind: 'device', channel: 'push', address: '***ough', consent: 'declined', device: 'phone', ...known },
      { kind: 'web-push', channel: 'push', address: 'https://push.example.com/***1234', consent: 'declined', ...known, firstSeen: seen(1), lastSeen: seen(1) },
      { kind: 'chat', channel: 'chat', address: 'telegram:7:7', consent: 'unasked', ...known, firstSeen: seen(1), lastSeen: seen(1) },
    ];
    expect((await http.get('profiles/ann', secrets.read))['addresses']).toEqual(expected);
    const [email, phone, device, push, chat] = expected;
    expect((await http.get('profiles/ann', secrets.admin))['addresses']).toEqual([email, phone, { ...device, address: token }, { ...push, address: endpoint, keys }, chat]);
    expect(await http.get('profiles/bob', secrets.read)).toMatchObject({ addresses: [{ kind: 'email' }, { kind: 'phone', address: '0660 1234567', validity: 'invalid', reason: 'no-country' }] });
  });
});

describe('people', () => {
  it.each<[string, string, string[]]>([
    ['their mailbox, in whatever case', 'email=ANN%40example.com', ['ann', 'bob']],
    ['their number in E.164', 'phone=%2B436601234567', ['ann']],
    ['their number with a plus that nobody encoded', 'phone=+43-660-1234567', ['ann']],
    ['their number as it is dialled at home', 'phone=0660/1234567&country=at', ['ann']],
    ['a number whose country the place says', `phone=${whole('+49 (30) 901820')}`, ['dan']],
    ['the token of a device', `deviceToken=${token}`, ['ann']],
    ['the endpoint of a subscription, however long', `webPush=${whole(endpoint)}`, ['ann']],
    ['a chat', 'chat=telegram:7:7', ['ann']],
    ['the mailbox of a visitor who became them', 'email=visitor@example.com', ['dan']],
    ['an address that they have no more: not', 'email=moved@example.com', []],
    ['a number that they have no more: not', `phone=${whole('+351912345678')}`, []],
    ['a chat that was removed: not', 'chat=slack:U1', []],
    ['another’s service: not', 'chat=slack:7:7', []],
    ['a part of an address: not', 'email=a@example.com', []],
  ])('are found by %s', async (_sentence, query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  it('are found page by page, and those of the key’s workspace only', async () => {
    const first: Answer = await http.get('profiles?email=ann@example.com&limit=1', secrets.read);
    expect(first.items.map(({ id }) => id)).toEqual(['ann']);
    const second = await http.get(`profiles?email=ann@example.com&limit=1&after=${first.next}`, secrets.read);
    expect([second.items.map(({ id }) => id), second.next]).toEqual([['bob'], null]);
    expect(await found('email=ann@example.com', secrets.other)).toEqual(['stranger']);
    expect(await found(`deviceToken=${token}`, secrets.other)).toEqual([]);
  });

  it.each<[string, string]>([
    ['email=ann', 'email'],
    ['email=', 'email'],
    ['email=a@b.example&email=c@d.example', 'email'],
    ['email=a@b.example&phone=1', 'phone'],
    ['email=a@b.example&trait=a:b', 'trait'],
    ['phone=06601234567', 'phone'],
    ['phone=06601234567&country=Austria', 'country'],
    ['chat=telegram', 'chat'],
    ['chat=icq:1', 'chat'],
  ])('are not sought by %s', async (query, field) => {
    const answer = await http.ask(`profiles?${query}`, secrets.read);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(await answer.json()).toMatchObject({ field });
  });

  it('are found along the index, also as the database sees its tenants', async () => {
    await bench.db.rows("insert into segmentation.profile_address select 'filler', 'a' || n, 'p' || n from generate_series(1, 20000) n");
    await bench.db.rows('analyze segmentation.profile_address');
    const plan = await bench.db.database.transact({ workspaces: ['filler'] }, (tx) =>
      tx.query("explain select * from segmentation.profile_address where workspace = 'filler' and address = 'a7' and profile_id > 'a' order by profile_id limit 51"),
    );
    expect(JSON.stringify(plan)).toMatch(/Index Cond: [^"]*address = 'a7'/);
  });

  it('who change nothing of their addresses touch nothing of them', async () => {
    const rows = () => bench.db.rows("select xmin, ctid, profile_id, address from segmentation.profile_address where workspace = 'demo' order by profile_id, address");
    const before = await rows();
    await bench.hear(identified({ email: 'Ann@Example.com', plan: 'pro' }, 2 * HOUR, { context: { device: { id: 'phone', token }, webPush: { endpoint, keys } } }));
    expect(await rows()).toEqual(before);
  });
});
