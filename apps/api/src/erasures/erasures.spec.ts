import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { erasures, events, erasureStores, type ErasureStep } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { apiSchema } from '../api.schema.js';
import { DeadLettersController } from '../dead-letters/dead-letters.controller.js';
import { DeadLettersStore } from '../dead-letters/dead-letters.store.js';
import { ErasingStore } from './erasing.store.js';
import { ErasuresController } from './erasures.controller.js';
import { ErasuresHandler } from './erasures.handler.js';
import { ErasuresStore } from './erasures.store.js';

let db: TestDatabase;
let next: number;
const broker = recordingPublisher();

beforeAll(async () => {
  db = await testDatabase([apiSchema]);
});
beforeEach(async () => {
  next = 0;
  broker.clear();
  await db.rows('truncate api.erasure, api.erasure_receipt, api.dead_letter, api.sandbox_message, api.kafka_position');
  await new PostgresPositions(db.database).begin('api', 'api', 'erasures', 0, 0);
});
afterAll(() => db.drop());

const store = () => new ErasuresStore(db.database, broker, new ErasingStore());
const api = () => new ErasuresController(store(), broker);
const hear = async (...steps: ErasureStep[]) => {
  await new ErasuresHandler(store()).handle(batchOf(erasures, steps, { position: { schema: 'api', consumer: 'api', from: next } }));
  next += steps.length;
};
const step = (from: string | null, change: Partial<ErasureStep> = {}): ErasureStep => ({
  v: 1, workspace: 'demo', erasureId: 'e1', store: from, ids: ['ann'], requestedAt: instant(), at: instant(1_000), rows: 2, ...change,
}); // prettier-ignore
const others = erasureStores.filter((name) => name !== 'api');
const letter = (id: string, key: string | null, value: string, at = instant()) =>
  db.rows(
    `insert into api.dead_letter (workspace, id, at, consumer, source_topic, source_partition, source_offset, attempts, error_class, reason, key, headers, value)
     values ('demo', $1, $2, 'ingest', 'inbound', 0, (select count(*) from api.dead_letter), 1, 'Refusal', 'bad', $3, '{}', $4)`,
    [id, at, key, Buffer.from(value)],
  );
const letters = async () => (await db.rows<{ id: string }>('select id from api.dead_letter order by id')).map(({ id }) => id);

describe('an erasure', () => {
  it('is made known before segmentation is asked, and is the same again under its Idempotency-Key', async () => {
    const { id } = await api().erase('demo', { profileId: 'anonymous:d1' }, 'once');
    expect(id).toBe('once');
    expect(broker.outgoing.map(({ topic }) => topic)).toEqual(['erasures', 'events']);
    expect(broker.published(events)).toMatchObject([{ type: 'erase', messageId: 'once', profileId: 'anonymous:d1', userId: null, anonymousId: 'd1' }]);
    await hear(...broker.published(erasures));
    expect(await api().one('demo', 'once')).toMatchObject({ doneAt: null, stores: erasureStores.map((name) => ({ store: name, at: null })) });
  });

  it.each<[string, unknown, number]>([
    ['nobody', {}, 400],
    ['a field that nobody knows', { profileId: 'ann', surprise: 1 }, 400],
    ['an id that is too long', { profileId: 'x'.repeat(256) }, 400],
    ['the id that no profile has', { profileId: 'anonymous:' }, 422],
  ])('refuses %s', async (_sentence, body, status) => {
    await expect(api().erase('demo', body)).rejects.toMatchObject({ status });
    expect(broker.outgoing).toEqual([]);
  });

  it('shows store by store how far it has come, and what should have been done by now', async () => {
    const recent = { requestedAt: new Date().toISOString() };
    await hear(step(null), step('segmentation'), step(null, { erasureId: 'e2', ...recent }));
    expect(await api().one('demo', 'e1')).toMatchObject({ id: 'e1', state: 'overdue', stores: [{ store: 'segmentation', at: instant(1_000), rows: 2 }, { store: 'orchestrator', at: null }, {}, {}, {}, {}] });
    expect((await api().list('demo', { state: 'running' })).items.map(({ id, state }) => [id, state])).toEqual([['e2', 'running'], ['e1', 'overdue']]);
    expect(await store().running(['demo'], new Date(Date.now() - 3_600_000))).toEqual({ running: 2, overdue: 1 });
    await expect(api().one('other', 'e1')).rejects.toMatchObject({ status: 404 });
    await expect(api().list('demo', { state: 'constructor' })).rejects.toMatchObject({ status: 400 });
  });

  it('ends with the last of the others: sandbox and dead letters go, then the ids, in whatever order receipts come', async () => {
    await db.rows(
      `insert into api.sandbox_message (day, workspace, message_id, endpoint, profile_id, channel, provider, address, content, at, journey, step)
       select now()::date, 'demo', gen_random_uuid(), 'email', p, 'email', 'sandbox', p || '@example.com', '{}', now(), 'j', 's' from unnest(array['ann', 'anonymous:d1', 'bob']) as p`,
    );
    await letter('1-1', 'demo:ann', 'not read');
    await letter('1-2', null, '{"anonymousId":"d1","type":"bad"}');
    await letter('1-3', null, '{"userId":"bob"}');
    await hear(step('analytics'), step(null), step('segmentation', { ids: ['ann', 'anonymous:d1'] }), step('dispatcher-email'), step('orchestrator'));
    expect(await letters()).toHaveLength(3);
    await hear(step('dispatcher-push'), step('dispatcher-push'));
    expect(await letters()).toEqual(['1-3']);
    expect(await db.rows('select profile_id from api.sandbox_message')).toEqual([{ profile_id: 'bob' }]);
    const shown = await api().one('demo', 'e1');
    expect([shown.state, shown.stores.map(({ at }) => at !== null)]).toEqual(['done', erasureStores.map(() => true)]);
    expect(shown.stores.at(-1)).toMatchObject({ store: 'api', rows: 4 });
    expect(broker.published(erasures)).toMatchObject([{ store: 'api', rows: 4 }]);
    expect(JSON.stringify(await db.rows('select * from api.erasure'))).not.toContain('ann');
  });

  it('stays done when steps come again, and holds no ids', async () => {
    await hear(step(null), ...others.map((name) => step(name)));
    broker.clear();
    await hear(step(null), ...others.map((name) => step(name, { rows: 9 })), step('api'));
    expect(broker.outgoing).toEqual([]);
    expect(await db.rows('select ids from api.erasure')).toEqual([{ ids: null }]);
    expect((await api().one('demo', 'e1')).stores[0]?.rows).toBe(2);
  });

  it('finds in an export the dead letters that it would delete', async () => {
    await letter('1-1', 'demo:ann', 'canary');
    await letter('1-2', null, '{"userId":"ann"}');
    await letter('1-3', null, '{"anonymousId":"d1"}');
    await letter('1-4', 'demo:bob', '{"userId":"bob"}');
    const controller = new DeadLettersController(new DeadLettersStore(db.database), broker, { defaultWorkspace: 'demo' } as ConstructorParameters<typeof DeadLettersController>[2]);
    const named = async (profile: string | string[], limit?: string) => {
      const ids: string[] = [];
      for (let after: string | undefined; ;) {
        const { items, next } = await controller.list('demo', { profile, ...(limit && { limit }), ...(after && { after }) });
        ids.push(...items.map(({ id }) => id));
        if (next === null) return ids.toSorted();
        after = next;
      }
    };
    expect(await named('ann')).toEqual(['1-1', '1-2']);
    expect(await named(['ann', 'anonymous:d1'], '1')).toEqual(['1-1', '1-2', '1-3']);
    expect(await named('an')).toEqual([]);
    await hear(step(null), ...others.map((name) => step(name, { ids: ['ann', 'anonymous:d1'] })));
    expect(await letters()).toEqual(['1-4']);
  });

  it('does not reach dead letters that name nobody; those are forgotten after 28 days', async () => {
    await letter('old', null, 'canary', new Date(Date.now() - 29 * 86_400_000).toISOString());
    await letter('new', null, 'canary', new Date(Date.now() - 27 * 86_400_000).toISOString());
    expect(await new DeadLettersStore(db.database).forgetOld(['demo'])).toBe(false);
    expect(await letters()).toEqual(['new']);
  });
});
