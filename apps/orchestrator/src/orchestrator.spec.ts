import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf, InfrastructureError, Publisher, type Outgoing } from '@tidings/bus';
import { activitiesOf, journeyActivity, profileActivity, recalls, sends, type DefinitionRecord, type JourneyDefinition, type ProfileActivity } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { Catalog, DefinitionUnknown, ErasedIds, Pollers } from '@tidings/service';
import { anActivity, anEvent, aProfile, GivenBacklog, instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { ActivityHandler } from './activity.handler.js';
import { orchestratorSchema } from './orchestrator.module.js';
import { ProgressStore } from './progress.store.js';
import { RunsController } from './runs.controller.js';
import { WakePoller } from './wake.poller.js';
import { WorkspaceRules } from './workspace-rules.js';

const HOUR = 3_600_000;
const about = { v: 1, status: 'published', publishedAt: instant() } as const;
const workspaceOf = (id: string): DefinitionRecord => ({ ...about, workspace: id, kind: 'workspace', id, version: 1, body: { id, consentModel: 'opt-out' } });
const template: DefinitionRecord = {
  ...about,
  workspace: 'demo',
  kind: 'template',
  id: 'hello',
  version: 4,
  body: { id: 'hello', push: { title: 'Hello', body: 'there' }, email: { subject: 'Hello', html: '<p>there</p>' } },
};
const hello = { push: { template: 'hello' } };
const welcome: JourneyDefinition = {
  id: 'welcome',
  entry: [{ event: 'Signed Up' }],
  steps: [{ id: 'greeting', message: { ...hello, email: { template: 'hello' } } }],
};
const cart: JourneyDefinition = {
  id: 'cart',
  entry: [{ event: 'Product Added' }],
  key: 'properties.cart',
  exit: [{ event: 'Order Completed', sameKey: 'properties.cart' }],
  steps: [{ id: 'pause', delay: '1h' }, { id: 'remind', message: hello }, { id: 'later', delay: '1h' }],
};

/** A journey as the definitions topic carries it: under its id, and under its version. */
const published = (body: JourneyDefinition, version: number, status: 'published' | 'archived' = 'published'): DefinitionRecord[] => {
  const record = { ...about, workspace: 'demo', kind: 'journey' as const, id: body.id, version, body, status };
  return [record, { ...record, id: `${body.id}@${version}` }];
};

/** Lets the broker have everything, and dies before anybody hears of it. */
class DyingPublisher extends Publisher {
  constructor(private readonly broker: Publisher) {
    super();
  }

  override async publish(messages: readonly Outgoing[]): Promise<void> {
    await this.broker.publish(messages);
    throw new InfrastructureError('killed after publishing');
  }
}

let db: TestDatabase;
let next: number;
let catalog: Catalog;
const broker = recordingPublisher();
const backlog = new GivenBacklog();

beforeAll(async () => {
  db = await testDatabase([orchestratorSchema]);
});
beforeEach(async () => {
  next = 0;
  catalog = Catalog.of([workspaceOf('demo'), template, ...published(welcome, 1), ...published(cart, 1)]);
  await new PostgresPositions(db.database).begin('orchestrator', 'orchestrator', 'profile-activity', 0, 0);
});
afterEach(async () => {
  broker.clear();
  backlog.partitions = [];
  await db.rows('truncate orchestrator.progress, orchestrator.kafka_position');
});
afterAll(() => db.drop());

/** A replica of the service. */
function replica(publisher: Publisher = broker) {
  const rules = new WorkspaceRules(catalog);
  const store = new ProgressStore(db.database, publisher, new ErasedIds('orchestrator', 'a-master-key-of-at-least-32-characters'));
  return { handler: new ActivityHandler(rules, store), poller: new WakePoller(new Pollers(), rules, store, backlog), runs: new RunsController(store) };
}

const batch = (activities: readonly ProfileActivity[], from: number, traceparent: string | null = null) =>
  batchOf(profileActivity, activities, { position: { schema: 'orchestrator', consumer: 'orchestrator', from }, traceparent });

async function hear(activities: readonly ProfileActivity[], traceparent: string | null = null): Promise<void> {
  await replica().handler.handle(batch(activities, next, traceparent));
  next += activities.length;
}

let position = 0;
/** Something `profileId` did, so many milliseconds after the start. */
function did(name: string, profileId = 'ann', { afterMs = 0, properties = {} }: { afterMs?: number; properties?: Record<string, unknown> } = {}): ProfileActivity {
  position += 1;
  const at = instant(afterMs);
  return anActivity({ profileId, at, cause: { source: 'events/0', position }, event: anEvent({ profileId, name, properties, receivedAt: at }) });
}

const at = (afterMs: number) => new Date(instant(afterMs));
const wake = (afterMs: number) => replica().poller.round(at(afterMs));
const sent = () => [...broker.published(sends('push', 'triggered')), ...broker.published(sends('email', 'triggered'))];
const messageIds = () => sent().map(({ messageId }) => messageId);
const told = () => broker.published(journeyActivity).flatMap(activitiesOf).map(({ kind, journey }) => `${kind} ${journey.step}`);
const progress = (profileId = 'ann') => db.rows('select * from orchestrator.progress where profile_id = $1', [profileId]);

describe('an event', () => {
  it('becomes a run, its decisions, and the sends they allow, with what templates need', async () => {
    await hear([did('Signed Up', 'ann', { properties: { plan: 'free' } })], '00-1-2-01');
    expect(told()).toEqual(['run-started greeting', 'step-entered greeting', 'message-decided greeting', 'message-decided greeting', 'run-ended end']);
    expect(sent()[0]).toMatchObject({
      channel: 'push',
      endpoints: [{ id: 'device-1', address: 'token-1' }],
      template: { id: 'hello', version: 4 },
      variables: { profile: { id: 'ann', email: 'user-1@example.com' }, event: { name: 'Signed Up', properties: { plan: 'free' } }, journey: { id: 'welcome' } },
      dueAt: instant(),
      causedAt: instant(),
      expiresAt: instant(24 * HOUR),
    });
    expect(sent().map(({ channel, endpoints }) => [channel, endpoints[0]?.id])).toEqual([['push', 'device-1'], ['email', 'email']]);
    expect(new Set(broker.outgoing.map(({ traceparent }) => traceparent))).toEqual(new Set(['00-1-2-01']));
    expect(broker.outgoing.findIndex(({ topic }) => topic.startsWith('sends'))).toBeGreaterThan(broker.outgoing.findLastIndex(({ topic }) => topic === 'journey-activity'));
  });

  it('leaves a small row where nothing waits, and moves the position', async () => {
    await hear([did('Signed Up'), did('Looked around')]);
    expect(await progress()).toEqual([{ workspace: 'demo', profile_id: 'ann', heard: { 'events/0': position }, runs: [], profile: null, formerly: null, merged_into: null, wake_at: null }]);
    expect(await db.rows('select next_offset from orchestrator.kafka_position')).toEqual([{ next_offset: '2' }]);
  });

  it('is decided with its rule where a message is withheld, and no decision carries an address', async () => {
    await hear([{ ...did('Signed Up'), profile: aProfile({ id: 'ann', devices: [], consent: { email: false } }) }]);
    const decisions = broker.published(journeyActivity).flatMap(activitiesOf).flatMap((told) => (told.kind === 'message-decided' ? [`${told.channel} ${told.outcome} ${told.rule}`] : []));
    expect(decisions).toEqual(['push withhold no-address', 'email withhold no-consent']);
    expect(sent()).toEqual([]);
  });

  it('exits a run and recalls its messages', async () => {
    await hear([did('Product Added', 'ann', { properties: { cart: 'c' } })]);
    await wake(HOUR);
    await hear([did('Order Completed', 'ann', { afterMs: HOUR + 1, properties: { cart: 'c' } })]);
    const [push] = sent();
    expect(broker.published(recalls)).toMatchObject([{ runId: push?.journey.runId, channel: null, reason: 'exited' }]);
    expect(await wake(9 * HOUR)).toBe(false);
    expect(sent()).toHaveLength(1);
  });

  it('that withdraws consent recalls what was decided for the channel', async () => {
    await hear([{ ...did('Unsubscribed'), withdrawn: ['email'] }]);
    expect(broker.published(recalls)).toMatchObject([{ profileId: 'ann', runId: null, channel: 'email', reason: 'consent-withdrawn', at: instant() }]);
  });

  it('heard a second time, at a later offset, changes nothing', async () => {
    const signedUp = did('Signed Up');
    await hear([signedUp]);
    broker.clear();
    await hear([signedUp, signedUp]);
    expect(broker.outgoing).toEqual([]);
  });

  it('of another workspace meets neither its journeys nor its runs', async () => {
    catalog.put(workspaceOf('other'));
    await hear([did('Product Added', 'ann', { properties: { cart: 'c' } }), { ...did('Product Added'), workspace: 'other' }]);
    const { runs } = replica();
    expect((await runs.runs('demo', 'ann', {})).items).toMatchObject([{ journey: 'cart', key: 'c', step: 'pause', wakeAt: instant(HOUR) }]);
    expect((await runs.runs('demo', 'ann', { ended: 'true' })).items.at(-1)).toMatchObject({ journey: 'cart', event: { name: 'Product Added' } });
    expect((await runs.runs('other', 'ann', {})).items).toEqual([]);
    expect((await runs.runs('demo', 'nobody', {})).items).toEqual([]);
  });
});

describe('a wake', () => {
  const added = (profileId = 'ann') => did('Product Added', profileId, { properties: { cart: 'c' } });

  it('goes on with the run, in the trace that the run began in', async () => {
    await hear([added()], '00-3-4-01');
    broker.clear();
    await wake(HOUR - 1);
    expect(broker.outgoing).toEqual([]);
    await wake(HOUR + 700);
    expect(told()).toEqual(['step-entered remind', 'message-decided remind', 'step-entered later']);
    expect(sent()).toMatchObject([{ dueAt: instant(HOUR), causedAt: instant(HOUR) }]);
    expect(new Set(broker.outgoing.map(({ traceparent }) => traceparent))).toEqual(new Set(['00-3-4-01']));
  });

  it('fires once when two replicas look at the same moment', async () => {
    const people = Array.from({ length: 40 }, (_, index) => `p-${index}`);
    await hear(people.map(added));
    await Promise.all([wake(HOUR), wake(HOUR), wake(HOUR)]);
    expect(messageIds()).toHaveLength(40);
    expect(new Set(messageIds()).size).toBe(40);
  });

  it('waits for what was said before and has not been heard yet, and only for that', async () => {
    await hear([added('ann'), { ...added('bob'), cause: { source: 'events/1', position: 1 } }]);
    backlog.partitions = null;
    await wake(HOUR);
    expect(sent()).toEqual([]);
    // Partition 1 is not behind; of partition 0 all was heard until one minute before the timers.
    backlog.partitions = [{ partition: 0, until: at(HOUR - 60_000).getTime() }];
    await wake(HOUR);
    await hear([did('Order Completed', 'ann', { afterMs: HOUR - 1000, properties: { cart: 'c' } })]);
    backlog.partitions = [];
    await wake(2 * HOUR);
    expect(sent().map(({ profileId }) => profileId)).toEqual(['bob']);
  });

  it('takes on what is longest overdue first, and says when there is more, or when the next is due', async () => {
    await hear([did('Product Added', 'late', { afterMs: 1000, properties: { cart: 'c' } }), added('early')]);
    const { poller } = replica();
    expect(await poller.nextAfter(at(HOUR))).toBe(at(HOUR + 1000).getTime());
    expect(await poller.round(at(2 * HOUR), 1)).toBe(true);
    expect(sent().map(({ profileId }) => profileId)).toEqual(['early']);
  });

  it('decides by the profile as last heard of', async () => {
    await hear([added(), { ...did('Logged Out'), profile: aProfile({ id: 'ann', devices: [] }) }]);
    await wake(HOUR);
    expect(sent()).toEqual([]);
    expect(broker.published(journeyActivity).flatMap(activitiesOf).at(-2)).toMatchObject({ rule: 'no-address', values: { devices: 0, withToken: 0 } });
  });

  it('that fails is put off, and keeps nobody else waiting', async () => {
    await hear([added('broken'), added('fine')]);
    await db.rows(`update orchestrator.progress set runs = jsonb_set(runs, '{0,step}', '"gone"') where profile_id = 'broken'`);
    await wake(HOUR);
    expect(sent().map(({ profileId }) => profileId)).toEqual(['fine']);
    expect((await progress('broken'))[0]?.['wake_at']).toEqual(at(HOUR + 300_000));
  });
});

describe('the runs of a profile', () => {
  it('come in pages, the oldest first', async () => {
    await hear([1, 2, 3].map((cart) => did('Product Added', 'ann', { afterMs: cart, properties: { cart } })));
    const { runs } = replica();
    const first = await runs.runs('demo', 'ann', { limit: '2' });
    const second = await runs.runs('demo', 'ann', { limit: '2', after: first.next ?? '' });
    expect([first.items, second.items].map((page) => page.map(({ key }) => key))).toEqual([['1', '2'], ['3']]);
    expect(second.next).toBeNull();
  });
});

describe('versions', () => {
  it('let runs in flight stay on theirs, also when the journey was archived, while nothing new begins', async () => {
    await hear([did('Product Added', 'ann', { properties: { cart: 'old' } })]);
    const faster = { ...cart, steps: cart.steps.map((step) => ('delay' in step ? { ...step, delay: '1m' } : step)) };
    for (const record of published(faster, 2)) catalog.put(record);
    await hear([did('Product Added', 'ann', { properties: { cart: 'new' } })]);
    for (const record of published(faster, 2, 'archived')) catalog.put(record);
    await hear([did('Product Added', 'ann', { properties: { cart: 'none' } })]);

    await wake(60_000);
    expect(sent().map(({ journey }) => journey.version)).toEqual([2]);
    await wake(HOUR);
    expect(sent().map(({ journey }) => journey.version)).toEqual([2, 1]);
  });

  it('that this replica has not heard of are waited for: nothing is lost, nobody else waits', async () => {
    await hear([did('Product Added', 'ann', { properties: { cart: 'c' } }), did('Product Added', 'bob', { properties: { cart: 'c' } })]);
    await db.rows(`update orchestrator.progress set runs = jsonb_set(runs, '{0,version}', '2') where profile_id = 'ann'`);
    await expect(hear([did('Looked around')])).rejects.toThrow(DefinitionUnknown);
    await wake(HOUR);
    expect(sent().map(({ profileId }) => profileId)).toEqual(['bob']);

    for (const record of published(cart, 2)) catalog.put(record);
    await hear([did('Looked around')]);
    await wake(HOUR);
    expect(sent().map(({ profileId }) => profileId)).toEqual(['bob', 'ann']);
  });
});

describe('a crash between publishing and storing', () => {
  it('is followed by a wake of the same profile and the replay: the same ids, and none lost', async () => {
    await hear([did('Product Added', 'ann', { properties: { cart: 'c' } })]);
    const lost = [did('Signed Up', 'ann', { afterMs: HOUR }), did('Product Added', 'ann', { afterMs: HOUR, properties: { cart: 'd' } })];
    await expect(replica(new DyingPublisher(broker)).handler.handle(batch(lost, next))).rejects.toThrow(InfrastructureError);
    // The greetings, and the reminder that was overdue when the event came.
    const before = sent().map(({ messageId, dueAt }) => `${messageId} ${dueAt}`);
    expect(before).toHaveLength(3);

    broker.clear();
    await wake(HOUR);
    expect(messageIds()).toHaveLength(1);
    await hear(lost);
    expect(sent().map(({ messageId, dueAt }) => `${messageId} ${dueAt}`).toSorted()).toEqual(before.toSorted());
    expect((await replica().runs.runs('demo', 'ann', {})).items.map(({ key, step }) => [key, step])).toEqual([['c', 'later'], ['d', 'pause']]);
  });

  it('of a wake repeats the message of that wake and no other', async () => {
    await hear([did('Product Added', 'ann', { properties: { cart: 'c' } })]);
    await expect(replica(new DyingPublisher(broker)).poller.round(at(HOUR))).rejects.toThrow(InfrastructureError);
    await wake(HOUR + 5_000);
    expect(messageIds()).toHaveLength(2);
    expect(new Set(messageIds()).size).toBe(1);
    expect(new Set(sent().map(({ dueAt }) => dueAt))).toEqual(new Set([instant(HOUR)]));
  });
});
