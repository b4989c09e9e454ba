import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { erasures, journeyActivity, profileActivity, sends, type DefinitionRecord, type ErasureStep, type JourneyDefinition, type ProfileActivity } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { Catalog, ErasedIds, Pollers } from '@tidings/service';
import { anActivity, anEvent, aProfile, GivenBacklog, instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { ActivityHandler } from './activity.handler.js';
import { ErasingStore } from './erasing.store.js';
import { ErasuresHandler } from './erasures.handler.js';
import { orchestratorSchema } from './orchestrator.module.js';
import { ProgressStore } from './progress.store.js';
import { WakePoller } from './wake.poller.js';
import { WorkspaceRules } from './workspace-rules.js';

const HOUR = 3_600_000;
const about = { v: 1, workspace: 'demo', status: 'published', publishedAt: instant() } as const;
const cart: JourneyDefinition = {
  id: 'cart',
  entry: [{ event: 'Product Added' }],
  key: 'properties.cart',
  steps: [{ id: 'pause', delay: '1h' }, { id: 'remind', message: { push: { template: 'hello' } } }],
};
const catalog = Catalog.of([
  { ...about, kind: 'workspace', id: 'demo', version: 1, body: { id: 'demo', consentModel: 'opt-out' } },
  { ...about, kind: 'template', id: 'hello', version: 1, body: { id: 'hello', push: { title: 'Hello', body: 'there' } } },
  ...['cart', 'cart@1'].map((id): DefinitionRecord => ({ ...about, kind: 'journey', id, version: 1, body: cart })),
]);

let db: TestDatabase;
const next = new Map<string, number>();
const broker = recordingPublisher();

beforeAll(async () => {
  db = await testDatabase([orchestratorSchema]);
});
beforeEach(async () => {
  broker.clear();
  next.clear();
  await db.rows('truncate orchestrator.progress, orchestrator.erased, orchestrator.kafka_position');
  for (const topic of ['profile-activity', 'erasures']) await new PostgresPositions(db.database).begin('orchestrator', 'orchestrator', topic, 0, 0);
});
afterAll(() => db.drop());

const erased = new ErasedIds('orchestrator', 'a-master-key-of-at-least-32-characters');
const rules = new WorkspaceRules(catalog);
const store = () => new ProgressStore(db.database, broker, erased);
const position = (topic: string, count: number) => {
  const from = next.get(topic) ?? 0;
  next.set(topic, from + count);
  return { position: { schema: 'orchestrator', consumer: 'orchestrator', from } };
};
const hear = (...activities: ProfileActivity[]) =>
  new ActivityHandler(rules, store()).handle(batchOf(profileActivity, activities, position('profile-activity', activities.length)));
const erase = (...steps: ErasureStep[]) =>
  new ErasuresHandler(new ErasingStore(db.database, broker, erased)).handle(batchOf(erasures, steps, position('erasures', steps.length)));
const wake = (afterMs: number) => new WakePoller(new Pollers(), rules, store(), new GivenBacklog()).round(new Date(instant(afterMs)));

let cause = 0;
const added = (afterMs: number, profileId = 'ann', createdAfterMs = 0): ProfileActivity => {
  cause += 1;
  const at = instant(afterMs);
  const profile = aProfile({ id: profileId, createdAt: instant(createdAfterMs) });
  return anActivity({ profileId, profile, at, cause: { source: 'events/0', position: cause }, event: anEvent({ profileId, receivedAt: at, properties: { cart: `at ${afterMs}` } }) });
};
const step = (change: Partial<ErasureStep> = {}): ErasureStep => ({
  v: 1, workspace: 'demo', erasureId: 'e1', store: 'segmentation', ids: ['ann', 'anonymous:d1'], requestedAt: instant(60_000), at: instant(61_000), rows: 3, ...change,
}); // prettier-ignore
const progress = () => db.rows<{ profile_id: string; runs: unknown[] }>('select * from orchestrator.progress order by profile_id');
const receipts = () => broker.published(erasures).map(({ store: from, ids, rows }) => [from, ids, rows]);

describe('an erasure', () => {
  it('ends runs without another word to the person, and gives its receipt after the endings', async () => {
    await hear(added(0), added(0, 'anonymous:d1'), added(0, 'bob'));
    broker.clear();
    await erase(step());
    expect((await progress()).map(({ profile_id: id }) => id)).toEqual(['bob']);
    expect(broker.published(journeyActivity).map((told) => [told.kind, 'outcome' in told && told.outcome])).toEqual([['run-ended', 'erased'], ['run-ended', 'erased']]);
    expect(receipts()).toEqual([['orchestrator', ['ann', 'anonymous:d1'], 2]]);
    expect(broker.outgoing.at(-1)?.topic).toBe('erasures');
    await wake(2 * HOUR);
    expect(broker.published(sends('push', 'triggered')).map(({ profileId }) => profileId)).toEqual(['bob']);
    expect(JSON.stringify([await progress(), await db.rows('select * from orchestrator.erased')])).not.toMatch(/ann|anonymous:d1/);
  });

  it('does not hear what was on its way: events received before, and the clock of the profile that was', async () => {
    await erase(step());
    const passed = { ...added(59_000), event: null, at: instant(60_500), entered: ['vip'], cause: { source: 'clock', position: 1 } };
    await hear(added(59_000), added(60_000, 'anonymous:d1'), passed);
    expect(await progress()).toEqual([]);
    expect(broker.published(journeyActivity)).toEqual([]);
  });

  it('hears what a new profile of the same id does', async () => {
    await erase(step());
    await hear(added(70_000, 'ann', 70_000));
    expect((await progress()).map(({ runs }) => runs.length)).toEqual([1]);
  });

  it('leaves the run of a new profile that was heard of before the erasure', async () => {
    await hear(added(0), added(70_000, 'ann', 70_000));
    await erase(step());
    expect((await progress()).map(({ runs }) => runs.length)).toEqual([1]);
    await wake(70_000 + HOUR);
    expect(broker.published(sends('push', 'triggered'))).toMatchObject([{ profileId: 'ann', dueAt: instant(70_000 + HOUR) }]);
  });

  it('that comes again gives its receipt again; steps of others are none of its business', async () => {
    await hear(added(0));
    await erase(step({ store: null }), step({ store: 'analytics' }));
    expect(await progress()).toHaveLength(1);
    await erase(step(), step());
    expect(receipts()).toEqual([
      ['orchestrator', ['ann', 'anonymous:d1'], 1],
      ['orchestrator', ['ann', 'anonymous:d1'], 0],
    ]);
  });

  it('that dies after it told is done by the next process', async () => {
    await hear(added(0));
    broker.failWith(new Error('killed'));
    await expect(erase(step())).rejects.toThrow('killed');
    broker.failWith(null);
    next.set('erasures', 0);
    expect(await progress()).toHaveLength(1);
    await erase(step());
    expect(await progress()).toEqual([]);
  });
});
