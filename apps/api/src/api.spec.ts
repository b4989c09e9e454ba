import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deadLetterHeaders, definitions, sandboxMessages, type SandboxMessage, type DefinitionRecord } from '@tidings/contracts';
import { batchOf, type Batch } from '@tidings/bus';
import { Catalog, newKey, parseKey } from '@tidings/service';
import { instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import type { ApiSettings } from './api-settings.js';
import { apiSchema } from './api.schema.js';
import { Bootstrap } from './bootstrap.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DeadLettersHandler } from './dead-letters/dead-letters.handler.js';
import { DeadLettersStore } from './dead-letters/dead-letters.store.js';
import { DefinitionPublisher } from './definitions/definition-publisher.js';
import { DefinitionsController } from './definitions/definitions.controller.js';
import { DefinitionsStore } from './definitions/definitions.store.js';
import { KeysController } from './keys/keys.controller.js';
import { ProvidersController } from './providers/providers.controller.js';
import { SandboxController } from './sandbox/sandbox.controller.js';
import { SandboxHandler } from './sandbox/sandbox.handler.js';
import { SandboxStore } from './sandbox/sandbox.store.js';

const bootstrap = { workspace: 'demo', writeKey: newKey('write').text, secretKey: newKey('secret').text };
const settings: ApiSettings = {
  masterKey: 'a master key for tests that is long enough',
  defaultWorkspace: 'demo',
  openSandbox: null,
  topicPrefix: 'tidings.',
  bootstrap,
};
const caller = { workspace: 'demo', keyId: 'abc', scopes: [] };
const journey = (delay: string) => ({ id: 'hello', entry: [{ api: true }], steps: [{ id: 'wait', delay }] });

describe('api', () => {
  let db: TestDatabase;
  let store: DefinitionsStore;
  let publisher: ReturnType<typeof recordingPublisher>;
  let catalog: Catalog;
  let controller: DefinitionsController;

  beforeAll(async () => {
    db = await testDatabase([apiSchema]);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    await db.rows('truncate api.definition, api.audit, api.dead_letter, api.sandbox_message, api.kafka_position');
    publisher = recordingPublisher();
    store = new DefinitionsStore(db.database);
    catalog = new Catalog();
    controller = new DefinitionsController(store, new DefinitionPublisher(store, publisher), catalog);
  });
  const records = (): DefinitionRecord[] => publisher.published(definitions);
  const startsAt = (topic: string) => db.rows(`insert into api.kafka_position (consumer, topic, partition, next_offset) values ('api', $1, 0, 0)`, [topic]);

  it('publishes a version once, and the next only when something changed', async () => {
    const first = await controller.apply('demo', caller, { journeys: [journey('1h')] });
    const again = await controller.apply('demo', caller, { journeys: [journey('1h')] });
    const changed = await controller.apply('demo', caller, { journeys: [journey('2h')] });
    expect([first.publishedAt, again.publishedAt]).toEqual([expect.any(Date), null]);
    expect([first, again, changed].map(({ changes }) => changes[0])).toEqual([
      { kind: 'journey', id: 'hello', change: 'created', version: 1 },
      { kind: 'journey', id: 'hello', change: 'unchanged', version: 1 },
      { kind: 'journey', id: 'hello', change: 'updated', version: 2 },
    ]);
    expect(records().map(({ id }) => id)).toEqual(['hello@1', 'hello', 'hello@2', 'hello']);
    expect(await db.rows('select action, subject from api.audit order by at')).toHaveLength(2);
  });

  it('says what a dry run would change and changes nothing', async () => {
    const { changes, applied } = await controller.apply('demo', caller, { journeys: [journey('1h')], dryRun: true });
    expect({ changes, applied }).toMatchObject({ applied: false, changes: [{ change: 'created' }] });
    expect(records()).toEqual([]);
    expect((await controller.list('demo', {})).items).toEqual([]);
  });

  it('refuses a set in which anything is wrong, naming the place, and publishes nothing of it', async () => {
    const wrong = { ...journey('1h'), steps: [{ id: 'wait', delay: 'soon' }], surprise: 1 };
    await expect(controller.apply('demo', caller, { journeys: [journey('1h'), wrong] })).rejects.toMatchObject({ status: 422 });
    await expect(controller.apply('demo', caller, { journey: [] })).rejects.toMatchObject({ status: 400, detail: expect.stringContaining('"journey"') });
    expect(records()).toEqual([]);
  });

  it('publishes sources, lists them, and archives them', async () => {
    const source = { id: 'orders', kafka: { topic: 'shop.orders' }, map: { type: "'track'", userId: 'id', event: "'Order'" } };
    await expect(controller.apply('demo', caller, { sources: [{ ...source, map: '((' }] })).rejects.toMatchObject({
      status: 422, extra: { problems: [{ kind: 'source', id: 'orders', place: 'map', message: expect.stringContaining('is no JSONata') }] },
    }); // prettier-ignore
    expect((await controller.apply('demo', caller, { sources: [source] })).changes).toMatchObject([{ kind: 'source', id: 'orders', change: 'created' }]);
    expect((await controller.list('demo', { kind: 'source' })).items).toMatchObject([{ kind: 'source', id: 'orders' }]);
    await controller.archive('demo', caller, 'source', 'orders');
    expect(records().map(({ kind, id, status }) => `${kind} ${id} ${status}`)).toEqual(['source orders published', 'source orders archived']);
  });

  it('stores nothing when the broker does not take the definition', async () => {
    publisher.failWith();
    await expect(controller.apply('demo', caller, { journeys: [journey('1h')] })).rejects.toThrow();
    publisher.failWith(null);
    expect((await controller.apply('demo', caller, { journeys: [journey('1h')] })).changes).toMatchObject([{ change: 'created', version: 1 }]);
  });

  it('archives, and shows one workspace nothing of another', async () => {
    await controller.apply('demo', caller, { journeys: [journey('1h')] });
    await expect(controller.show('other', 'journey', 'hello')).rejects.toMatchObject({ status: 404 });
    await expect(controller.archive('other', caller, 'journey', 'hello')).rejects.toMatchObject({ status: 404 });
    await controller.archive('demo', caller, 'journey', 'hello');
    expect(records().at(-1)).toMatchObject({ id: 'hello', status: 'archived', version: 2 });
    expect((await controller.list('demo', {})).items).toEqual([]);
  });

  it('pages through definitions without gap or repetition', async () => {
    const many = Array.from({ length: 5 }, (_, index) => ({ ...journey('1h'), id: `journey-${index}` }));
    await controller.apply('demo', caller, { journeys: many });
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await controller.list('demo', { limit: '2', ...(after ? { after } : {}) });
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(many.map(({ id }) => id));
  });

  it('makes the first workspace with its keys once, and republishes what the topic lost', async () => {
    const start = () => new Bootstrap(store, new DefinitionPublisher(store, publisher), publisher, catalog, settings).onApplicationBootstrap();
    await start();
    const heads = records().filter(({ id }) => !id.includes('@'));
    expect(new Set(heads.map(({ kind }) => kind))).toEqual(new Set(['workspace', 'key']));
    expect(JSON.stringify(records())).not.toContain(bootstrap.secretKey);

    publisher.clear();
    await start();
    expect(records().map(({ kind }) => kind).toSorted()).toEqual(['key', 'key', 'workspace']);
    for (const record of records()) catalog.put(record);
    publisher.clear();
    await start();
    expect(records()).toEqual([]);
  });

  it('shows a key once and keeps only its hash', async () => {
    const keys = new KeysController(store, new DefinitionPublisher(store, publisher));
    const made = await keys.create('demo', caller, { type: 'secret', name: 'back end' });
    expect(parseKey(made.key)).toMatchObject({ type: 'secret', keyId: made.id });
    expect(JSON.stringify(await keys.list('demo', {}))).not.toContain('hash');
    expect(JSON.stringify(await db.rows('select * from api.definition'))).not.toContain(made.key);
    await expect(keys.create('demo', caller, { type: 'write', name: 'app', scopes: ['admin'] })).rejects.toMatchObject({ status: 400 });
    await keys.revoke('demo', caller, made.id);
    expect(records().at(-1)).toMatchObject({ kind: 'key', body: { revokedAt: expect.any(String) } });
  });

  it('seals the credentials of a provider and never shows them', async () => {
    const providers = new ProvidersController(store, new DefinitionPublisher(store, publisher), settings);
    const shown = await providers.put('demo', caller, 'mail', { channel: 'email', kind: 'smtp', settings: { host: 'localhost' }, credentials: { password: 'hush-hush' } });
    expect(shown).toMatchObject({ id: 'mail', hasCredentials: true });
    expect(JSON.stringify([shown, records(), await db.rows('select * from api.definition')])).not.toContain('hush-hush');
    await expect(providers.put('demo', caller, 'push', { channel: 'email', kind: 'fcm', settings: {} })).rejects.toMatchObject({ status: 400 });
  });

  it('keeps a dead letter byte for byte, puts it back once, and gives it to no other workspace', async () => {
    await startsAt('dead-letters');
    const handler = new DeadLettersHandler(new DeadLettersStore(db.database), catalog, settings);
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    const batch: Batch<Buffer | null> = {
      positions: [{ schema: 'api', consumer: 'api', topic: 'dead-letters', partition: 0, from: 0, to: 1 }],
      signal: new AbortController().signal,
      messages: [
        {
          value: bytes,
          key: 'demo:ann\u0000',
          topic: 'dead-letters',
          partition: 0,
          offset: 0,
          timestamp: new Date(instant()),
          traceparent: null,
          headers: { [deadLetterHeaders.reason]: 'not JSON', [deadLetterHeaders.sourceTopic]: 'inbound', [deadLetterHeaders.sourceOffset]: '17', kept: 'yes' },
        },
      ],
    };
    await handler.handle(batch);
    const letters = new DeadLettersController(new DeadLettersStore(db.database), publisher, settings);
    expect((await letters.list('demo', {})).items).toMatchObject([{ reason: 'not JSON', sourceOffset: 17, state: 'waiting' }]);
    expect((await letters.list('other', {})).items).toEqual([]);

    const all = true;
    await expect(letters.discard('demo', {})).rejects.toMatchObject({ status: 400 });
    expect(await letters.redrive('other', { all })).toEqual({ count: 0 });
    expect(await letters.redrive('demo', { all, dryRun: true })).toEqual({ count: 1 });
    expect(await letters.redrive('demo', { all })).toEqual({ count: 1 });
    expect(await letters.redrive('demo', { all })).toEqual({ count: 0 });
    expect(publisher.outgoing).toMatchObject([{ topic: 'inbound', value: bytes, headers: { kept: 'yes' } }]);
  });

  it('keeps the letter of a message once, however often its consumer died after it was put, and again when it comes back', async () => {
    await startsAt('dead-letters');
    const handler = new DeadLettersHandler(new DeadLettersStore(db.database), catalog, settings);
    const letters = new DeadLettersController(new DeadLettersStore(db.database), publisher, settings);
    let put = 0;
    const letter = (value: string | null, place: Readonly<Record<string, string>>) => ({
      value: value === null ? null : Buffer.from(value), key: 'demo:ann', topic: 'dead-letters', partition: 0, offset: put++, timestamp: new Date(instant()), traceparent: null,
      headers: { [deadLetterHeaders.reason]: 'not JSON', [deadLetterHeaders.consumer]: 'ingest', [deadLetterHeaders.sourceTopic]: 'source:orders', ...place },
    }); // prettier-ignore
    const at = (partition: number, offset: number) => ({ [deadLetterHeaders.sourcePartition]: String(partition), [deadLetterHeaders.sourceOffset]: String(offset) });
    const hear = async (...messages: readonly ReturnType<typeof letter>[]) => {
      const position = { schema: 'api', consumer: 'api', topic: 'dead-letters', partition: 0, from: put - messages.length, to: put };
      await handler.handle({ positions: [position], signal: new AbortController().signal, messages });
    };
    const kept = async () => (await letters.list('demo', { state: 'waiting' })).items.map(({ sourcePartition, sourceOffset }) => [sourcePartition, sourceOffset]).toSorted();

    await hear(letter('a', at(1, 5)), letter('a', at(1, 5)), letter('a', at(1, 6)));
    await hear(letter('a', at(1, 5)), letter('b', at(1, 5)));
    // Too large to be kept with its bytes.
    await hear(letter(null, at(2, 7)), letter(null, at(2, 7)));
    // A topic that was made anew begins at 0 again; a webhook has no place.
    await hear(letter('a', at(-1, -1)), letter('a', at(-1, -1)), letter('a', {}), letter('a', {}));
    expect(await kept()).toEqual([[-1, -1], [-1, -1], [-1, -1], [-1, -1], [1, 5], [1, 5], [1, 6], [2, 7]]); // prettier-ignore
    await letters.redrive('demo', { all: true });
    await hear(letter('a', at(1, 5)));
    expect(await kept()).toEqual([[1, 5]]);
  });

  it('shows what the sandbox accepted, the newest first, once', async () => {
    await startsAt('sandbox-messages');
    const message = (id: number): SandboxMessage => ({
      v: 1,
      workspace: 'demo',
      profileId: 'ann',
      messageId: `00000000-0000-5000-8000-00000000000${id}`,
      endpoint: 'email',
      channel: 'email',
      provider: 'sandbox',
      to: 'ann@example.com',
      content: { subject: `Number ${id}` },
      at: new Date(Date.now() + id).toISOString(),
      journey: 'welcome',
      step: 'hello',
    });
    const handler = new SandboxHandler(new SandboxStore(db.database));
    await handler.handle(batchOf(sandboxMessages, [message(1), message(2), message(2)], { position: { schema: 'api', consumer: 'api' } }));
    const sandbox = new SandboxController(new SandboxStore(db.database), settings);
    const page = await sandbox.list('demo', {});
    expect(page.items.map(({ content }) => content['subject'])).toEqual(['Number 2', 'Number 1']);
    expect(page.items[0]).toMatchObject({ profileId: 'ann', channel: 'email', to: 'ann@example.com', journey: 'welcome', step: 'hello' });
    expect(() => sandbox.open({})).toThrow('secret key');
  });
});
