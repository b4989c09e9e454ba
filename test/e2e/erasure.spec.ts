import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allTopics } from '@tidings/contracts';
import { tidings } from '../harness/command-line.js';
import { eventually } from '../harness/eventually.js';
import { Installation } from '../harness/installation.js';
import { KafkaPeer } from '../harness/kafka-peer.js';
import { storedText } from '../harness/stored-text.js';

const DAY_MS = 86_400_000;
/** In everything that is said of the person, and in nothing else; a dead letter has it as bytes. */
const canary = 'canary7f3a9c';
const asBytes = Buffer.from(canary).toString('hex');

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly stores: readonly { readonly store: string; readonly at: string | null }[];
}

describe('a person who is erased', () => {
  let here: Installation;
  let kafka: KafkaPeer;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shop-'));
    cpSync('examples/shop', folder, { recursive: true });
    writeFileSync(join(folder, 'tidings.yaml'), 'variables: { cart_wait: 1h, cart_email_wait: 1h }\n');
    here = await Installation.start({ form: 'standalone' });
    kafka = new KafkaPeer(here.kafkaBrokers, here.topicPrefix);
    const applied = await tidings(here, ['apply', folder]);
    if (applied.code !== 0) throw new Error(applied.stderr + here.logs());
  }, 240_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env['SHOW_LOGS']) process.stdout.write(here.logs());
    await here.stop();
  }, 60_000);

  const accepted = async (call: string, body: unknown) => expect((await here.segment(call, body)).status).toBe(200);
  const traces = async () => {
    const text = await storedText(here.databaseUrl);
    return text.split('\n').filter((row) => row.includes(canary) || row.includes(asBytes));
  };
  const profile = (id: string) => here.api<object>('GET', `/api/v1/profiles/${id}`);

  const having = async (query: string) => (await here.api<{ items: { id: string }[] }>('GET', `/api/v1/profiles?${query}`)).items.map(({ id }) => id);
  const addressesOf = async (id: string) => (await here.api<{ addresses: { kind: string }[] }>('GET', `/api/v1/profiles/${id}`)).addresses.map(({ kind }) => kind);
  const searches = ['phone=%2B43+660+1234567', `email=${canary.toUpperCase()}@example.com`, `chat=telegram:${canary}`, `webPush=${encodeURIComponent(`https://push.example.com/${canary}`)}`, `deviceToken=token-${canary}`];

  // Device and profile ids are opaque by contract; the ledger keeps them for its 35 days (docs/personal-data.md).
  it('leaves no trace in any table or log, and what topics still hold goes by itself within 28 days', async () => {
    const context = { device: { id: 'phone', type: 'ios', token: `token-${canary}` } };
    await accepted('track', { anonymousId: 'browser-1', event: 'Product Viewed', properties: { title: canary }, context });
    const webPush = { endpoint: `https://push.example.com/${canary}`, expirationTime: null, keys: { p256dh: `B${'a-_9'.repeat(21)}xy`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' } };
    const reached = { ...context, webPush, chat: { kind: 'telegram', id: canary } };
    await accepted('identify', { userId: 'ann', anonymousId: 'browser-1', traits: { email: `${canary}@example.com`, phone: '0660 1234567', country: 'AT', first_name: canary }, context: reached });
    await accepted('track', { userId: 'ann', event: 'Signed Up' });
    await accepted('track', { userId: 'ann', event: 'Product Added', properties: { cart_id: canary } });
    await accepted('identify', { userId: 'bob', traits: { email: 'bob@example.com' } });
    await kafka.write('inbound', [{ value: JSON.stringify({ type: 'track', userId: 'ann', properties: { note: canary } }) }]);
    await eventually(async () => {
      expect((await here.api<{ items: unknown[] }>('GET', '/api/v1/sandbox/messages?profile=ann')).items).toHaveLength(2);
      expect((await here.api<{ items: unknown[] }>('GET', '/api/v1/dead-letters')).items).toHaveLength(1);
      expect((await here.api<{ items: unknown[] }>('GET', '/api/v1/profiles/ann/runs')).items).toHaveLength(1);
      expect(await here.api('GET', '/api/v1/analytics/reconciliation')).toMatchObject({ accepted: 2, sent: 2, difference: 0 });
    });
    expect(await addressesOf('ann')).toEqual(['email', 'phone', 'device', 'web-push', 'chat']);
    for (const query of searches) expect([query, await having(query)]).toEqual([query, ['ann']]);
    expect((await tidings(here, ['profile', 'find', '--phone', '0660/1234567', '--country', 'AT'])).stdout).toContain('email, phone, device, web-push, chat');
    const tablesWith = new Set((await traces()).map((row) => row.split('.')[0]));
    expect(tablesWith).toEqual(new Set(['segmentation', 'orchestrator', 'api']));
    const sums = await here.api('GET', '/api/v1/analytics/reconciliation');

    const { id } = await here.api<{ id: string }>('DELETE', '/api/v1/profiles/anonymous:browser-1');
    const done = await eventually(async () => {
      const shown = await here.api<Shown>('GET', `/api/v1/erasures/${id}`);
      expect(shown.state).toBe('done');
      return shown;
    });
    expect(done.stores.filter(({ at }) => at === null)).toEqual([]);
    expect(await traces()).toEqual([]);
    for (const query of searches) expect([query, await having(query)]).toEqual([query, []]);
    const withId = (await storedText(here.databaseUrl)).split('\n').filter((row) => row.includes('browser-1'));
    expect(withId.map((row) => row.split(' ')[0])).toEqual(['dispatcher_email.recall', 'dispatcher_push.recall']);
    expect(here.logs()).not.toContain(canary);
    expect(await here.api('GET', '/api/v1/analytics/reconciliation')).toEqual(sums);
    await expect(profile('ann')).rejects.toThrow('404');
    await expect(profile('bob')).resolves.toMatchObject({ id: 'bob' });
  });

  it('is on topics only that forget, none of them later than 28 days', async () => {
    for (const { name } of allTopics) {
      const records = await kafka.readAll(name);
      if (!records.some(({ key, value }) => `${key} ${value}`.includes(canary))) continue;
      const config = await kafka.configOf(name);
      const longest = Number(config.get('retention.ms')) + Number(config.get('segment.ms'));
      expect([name, config.get('cleanup.policy'), longest <= 28 * DAY_MS]).toEqual([name, 'delete', true]);
    }
  }, 120_000);

  it('is a new profile when they come again, by a later event', async () => {
    await accepted('identify', { userId: 'ann', traits: { plan: 'free' } });
    await eventually(async () => expect(await profile('ann')).toMatchObject({ id: 'ann', version: 1, traits: { plan: 'free' }, mergedIds: [] }));
    expect((await here.api<{ items: unknown[] }>('GET', '/api/v1/profiles/ann/events')).items).toHaveLength(1);
  });
});
