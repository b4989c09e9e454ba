import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allTopics } from '@tidings/contracts';
import { startFcmSimulator, type FcmSimulator } from '@tidings/testing';
import pg from 'pg';
import { tidings } from '../harness/command-line.js';
import { documentedTables, isDocumentedTopic } from '../harness/documented-stores.js';
import { eventually } from '../harness/eventually.js';
import { Front } from '../harness/front.js';
import { Installation } from '../harness/installation.js';
import { KafkaPeer } from '../harness/kafka-peer.js';
import { storedRows, storedText } from '../harness/stored-text.js';

const DAY_MS = 86_400_000;
/** In everything that is said of the person, and in nothing else; a dead letter has it as bytes. */
const canary = 'canary7f3a9c';
const asBytes = Buffer.from(canary).toString('hex');
const holdsCanary = (text: string) => text.includes(canary) || text.includes(asBytes);
const email = `${canary}@example.com`;
const token = `token-${canary}`;
const webPush = { endpoint: `https://push.example.com/${canary}`, expirationTime: null, keys: { p256dh: `B${'a-_9'.repeat(21)}xy`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' } };

/** A push that a provider in trouble does not take: it waits, with address and content. */
const call = {
  templates: [{ id: 'call', push: { title: 'Hello {{ profile.first_name }}', body: 'x' } }],
  journeys: [{ id: 'call', entry: [{ event: 'Called' }], steps: [{ id: 'push', message: { push: { template: 'call' } } }] }],
};

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly stores: readonly { readonly store: string; readonly at: string | null }[];
}

interface Exported {
  readonly table: string;
  readonly rows: readonly string[];
  readonly archive: Readonly<Record<string, unknown>>;
}

/** What is wrong with the export, or with docs/personal-data.md, of what stands in a table. */
function faultOf({ table, rows, archive }: Exported): string | null {
  const said = documentedTables().filter(({ covers }) => covers(table));
  const [{ part } = { part: null }] = said;
  const holds = rows.some(holdsCanary);
  if (said.length !== 1) return `${table} is named ${said.length} times in docs/personal-data.md, not once`;
  if (part === null) return holds ? `${table} is said to hold nothing to export, and does` : null;
  if (rows.length === 0) return `${table} is empty: tell it something of the person`;
  const exported = JSON.stringify(archive[part] ?? []);
  return exported === '[]' || (holds && !exported.includes(canary)) ? `${table} is not in the export's ${part}` : null;
}

describe('a person, told of to services that run apart', () => {
  let here: Installation;
  let front: Front;
  let fcm: FcmSimulator;
  let kafka: KafkaPeer;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shop-'));
    cpSync('examples/shop', folder, { recursive: true });
    writeFileSync(join(folder, 'tidings.yaml'), 'variables: { cart_wait: 1h, cart_email_wait: 1h }\n');
    [here, fcm] = await Promise.all([Installation.start({ form: 'services' }), startFcmSimulator()]);
    front = await Front.start(here);
    kafka = new KafkaPeer(here.kafkaBrokers, here.topicPrefix);
    const applied = await tidings(here, ['apply', folder]);
    if (applied.code !== 0) throw new Error(applied.stderr + here.logs());
    await here.api('POST', '/api/v1/definitions/apply', call);
    await tell();
  }, 300_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env['SHOW_LOGS']) process.stdout.write(here.logs());
    await front.stop();
    await Promise.all([here.stop(), fcm.stop()]);
  }, 60_000);

  const accepted = async (name: string, body: unknown) => expect((await here.segment(name, body)).status).toBe(200);
  const listed = async (path: string) => (await here.api<{ items: unknown[] }>('GET', path)).items;
  const sums = () => here.api<object>('GET', '/api/v1/analytics/reconciliation');
  const traces = async () => (await storedText(here.databaseUrl)).split('\n').filter(holdsCanary);
  const profile = (id: string) => here.api<object>('GET', `/api/v1/profiles/${id}`);

  const having = async (query: string) => (await here.api<{ items: { id: string }[] }>('GET', `/api/v1/profiles?${query}`)).items.map(({ id }) => id);
  const addressesOf = async (id: string) => (await here.api<{ addresses: { kind: string }[] }>('GET', `/api/v1/profiles/${id}`)).addresses.map(({ kind }) => kind);
  const searches = ['phone=%2B43+660+1234567', `email=${email.toUpperCase()}`, `chat=telegram:${canary}`, `webPush=${encodeURIComponent(webPush.endpoint)}`, `deviceToken=${token}`];

  /** Something of the person in every store. */
  async function tell(): Promise<void> {
    const context = { device: { id: 'phone', type: 'ios', token } };
    await accepted('track', { anonymousId: 'browser-1', event: 'Product Viewed', properties: { title: canary, name: canary, category: canary }, context });
    const reached = { ...context, webPush, chat: { kind: 'telegram', id: canary } };
    await accepted('identify', { userId: 'ann', anonymousId: 'browser-1', traits: { email, phone: '0660 1234567', country: 'AT', first_name: canary }, context: reached });
    await accepted('group', { userId: 'ann', groupId: 'acme', traits: { plan: 'team' } });
    await accepted('track', { userId: 'ann', event: 'Signed Up' });
    await accepted('track', { userId: 'ann', event: 'Product Added', properties: { cart_id: canary } });
    await accepted('identify', { userId: 'bob', traits: { email: 'bob@example.com' } });
    await kafka.write('inbound', [{ value: JSON.stringify({ type: 'track', userId: 'ann', properties: { note: canary } }) }]);
    await eventually(async () => {
      expect(await listed('/api/v1/sandbox/messages?profile=ann')).toHaveLength(2);
      expect(await listed('/api/v1/dead-letters')).toHaveLength(1);
      expect(await listed('/api/v1/profiles/ann/runs')).toHaveLength(1);
      expect(await sums()).toMatchObject({ accepted: 2, sent: 2, difference: 0 });
    }, 60_000); // prettier-ignore
    fcm.behave({ answer: 'unavailable' });
    await here.api('PUT', '/api/v1/providers/phones', { channel: 'push', kind: 'fcm', settings: { baseUrl: fcm.url }, credentials: fcm.serviceAccount() });
    await accepted('track', { userId: 'ann', event: 'Called' });
    await eventually(async () => expect(JSON.stringify(await listed('/api/v1/deliveries/push/ann'))).toContain(token), 60_000);
    // Not the token: what waits for it would be withheld.
    for (const [channel, address] of [['email', email], ['push', webPush.endpoint]] as const) await here.api('POST', `/api/v1/suppressions/${channel}`, { address }); // prettier-ignore
    await plant();
  }

  /** What takes a provider's reports, a message called back, or a process that dies, to come about. */
  async function plant(): Promise<void> {
    const client = new pg.Client({ connectionString: here.databaseUrl });
    await client.connect();
    for (const schema of ['dispatcher_email', 'dispatcher_push']) {
      await client.query(`insert into ${schema}.soft_bounce select workspace, address_hash, 'message-1', now() from ${schema}.suppression`);
      await client.query(`insert into ${schema}.recall values ('demo', 'ann', 'run-1', 'exited', now())`);
    }
    await client.query(`insert into segmentation.merge_intent values ('demo', 'anonymous:${canary}', 'ann')`);
    await client.end();
  }

  it('is shown with what they looked at, by its name', async () => {
    expect(await profile('ann')).toMatchObject({ computed: { 'came-for': canary, 'favourite-category': canary, 'last-viewed': canary } });
  });

  it('is found by each of their addresses', async () => {
    expect(await addressesOf('ann')).toEqual(['email', 'phone', 'device', 'web-push', 'chat']);
    for (const query of searches) expect([query, await having(query)]).toEqual([query, ['ann']]);
    expect((await tidings(here, ['profile', 'find', '--phone', '0660/1234567', '--country', 'AT'], front.url)).stdout).toContain('email, phone, device, web-push, chat');
  });

  it('is exported from every table that holds something of them, whichever tables there are', async () => {
    const file = join(folder, 'ann.json');
    const exported = await tidings(here, ['profile', 'export', 'anonymous:browser-1', file], front.url);
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    const archive = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
    const faults = [...(await storedRows(here.databaseUrl))].flatMap(([table, rows]) => faultOf({ table, rows, archive }) ?? []);
    expect(faults).toEqual([]);
    expect(archive).toMatchObject({
      profile: { id: 'ann', mergedIds: [{ id: 'anonymous:browser-1' }], groups: [{ id: 'acme' }], devices: [{ token }], addresses: expect.arrayContaining([expect.objectContaining({ kind: 'web-push', address: webPush.endpoint })]) },
      runs: expect.arrayContaining([expect.objectContaining({ journey: 'abandoned-cart', event: expect.objectContaining({ properties: expect.objectContaining({ cart_id: canary }) }) })]),
      suppressions: [{ channel: 'push', address: webPush.endpoint }, { channel: 'email', address: email, softBounces: [{ messageId: 'message-1' }] }],
      deadLetters: [{ text: expect.stringContaining(canary) }],
    });
    expect(JSON.stringify(archive)).not.toContain('bob');
  }, 120_000);

  // Device and profile ids are opaque by contract; the ledger keeps them for its 35 days (docs/personal-data.md).
  it('leaves no trace in any table or log once they are erased', async () => {
    expect(new Set((await traces()).map((row) => row.split('.')[0]))).toEqual(new Set(['segmentation', 'orchestrator', 'dispatcher_push', 'api']));
    expect(await sums()).toMatchObject({ accepted: 3, sent: 2, inFlight: 1 });
    const { id } = await here.api<{ id: string }>('DELETE', '/api/v1/profiles/anonymous:browser-1');
    const done = await eventually(async () => {
      const shown = await here.api<Shown>('GET', `/api/v1/erasures/${id}`);
      expect(shown.state).toBe('done');
      return shown;
    }, 60_000);
    expect(done.stores.filter(({ at }) => at === null)).toEqual([]);
    expect(await traces()).toEqual([]);
    for (const query of searches) expect([query, await having(query)]).toEqual([query, []]);
    const withId = (await storedText(here.databaseUrl)).split('\n').filter((row) => row.includes('browser-1'));
    expect(withId.map((row) => row.split(' ')[0])).toEqual(['dispatcher_email.recall', 'dispatcher_push.recall']);
    // What waited comes due at once and is told as withheld; numbers stay.
    await eventually(async () => expect(await sums()).toMatchObject({ accepted: 3, sent: 2, withheld: 1, inFlight: 0, difference: 0 }), 60_000);
    expect(await traces()).toEqual([]);
    expect(here.logs(Infinity)).not.toContain(canary);
    await expect(profile('ann')).rejects.toThrow('404');
    await expect(profile('bob')).resolves.toMatchObject({ id: 'bob' });
  }, 120_000);

  it('is then on topics only that are documented, and forget, none of them later than 28 days', async () => {
    const contracts = new Set(allTopics.map(({ name }) => name));
    const topics = await kafka.topics();
    expect(topics.filter((topic) => !contracts.has(topic))).toEqual([]);
    for (const topic of topics) {
      const records = await kafka.readAll(topic);
      if (!records.some(({ key, value, headers }) => holdsCanary(`${key} ${value} ${JSON.stringify(headers)}`))) continue;
      const config = await kafka.configOf(topic);
      const longest = Number(config.get('retention.ms')) + Number(config.get('segment.ms'));
      expect([topic, isDocumentedTopic(topic), config.get('cleanup.policy'), longest <= 28 * DAY_MS]).toEqual([topic, true, 'delete', true]);
    }
  }, 120_000);

  it('is a new profile when they come again, by a later event', async () => {
    await accepted('identify', { userId: 'ann', traits: { plan: 'free' } });
    await eventually(async () => expect(await profile('ann')).toMatchObject({ id: 'ann', version: 1, traits: { plan: 'free' }, mergedIds: [] }));
    expect(await listed('/api/v1/profiles/ann/events')).toHaveLength(1);
  });
});
