import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf, InfrastructureError, Publisher, type Outgoing } from '@tidings/bus';
import { activitiesOf, journeyActivity, profileActivity, recalls, sends, type DefinitionRecord, type JourneyDefinition, type ProfileActivity } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { Catalog, ErasedIds, Pollers } from '@tidings/service';
import { anActivity, anEvent, aProfile, GivenBacklog, instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { ActivityHandler } from './activity.handler.js';
import { orchestratorSchema } from './orchestrator.module.js';
import { ProgressStore } from './progress.store.js';
import { WakePoller } from './wake.poller.js';
import { WorkspaceRules } from './workspace-rules.js';

const HOUR = 3_600_000;
const WEB = 'anonymous:web';
const about = { v: 1, workspace: 'demo', status: 'published', version: 1, publishedAt: instant() } as const;
const cart: JourneyDefinition = {
  id: 'cart',
  entry: [{ event: 'Added' }],
  key: 'properties.cart',
  exit: [{ event: 'Ordered', sameKey: 'properties.cart' }],
  steps: [{ id: 'remind', message: { push: { template: 'hello' } } }, { id: 'pause', delay: '1h' }, { id: 'again', message: { push: { template: 'hello' } } }],
};
const vip: JourneyDefinition = { id: 'vip', entry: [{ segment: 'vips' }], steps: [{ id: 'hour', delay: '1h' }, { id: 'thanks', message: { push: { template: 'hello' } } }] };
const definitions: DefinitionRecord[] = [
  { ...about, kind: 'workspace', id: 'demo', body: { id: 'demo', consentModel: 'opt-out' } },
  { ...about, kind: 'template', id: 'hello', body: { id: 'hello', push: { title: 'Hello', body: 'there' } } },
  ...[cart, vip].flatMap((body): DefinitionRecord[] => ['', '@1'].map((suffix) => ({ ...about, kind: 'journey', id: body.id + suffix, body }))),
];

/** Lets the broker have everything, and dies before anybody hears of it. */
class DyingPublisher extends Publisher {
  override async publish(messages: readonly Outgoing[]): Promise<void> {
    await broker.publish(messages);
    throw new InfrastructureError('killed after publishing');
  }
}

let db: TestDatabase;
let next: number;
const broker = recordingPublisher();
const catalog = Catalog.of(definitions);

beforeAll(async () => {
  db = await testDatabase([orchestratorSchema]);
});
beforeEach(async () => {
  next = 0;
  await new PostgresPositions(db.database).begin('orchestrator', 'orchestrator', 'profile-activity', 0, 0);
});
afterEach(async () => {
  broker.clear();
  await db.rows('truncate orchestrator.progress, orchestrator.kafka_position');
});
afterAll(() => db.drop());

function replica(publisher: Publisher = broker) {
  const rules = new WorkspaceRules(catalog);
  const store = new ProgressStore(db.database, publisher, new ErasedIds('orchestrator', 'a-master-key-of-at-least-32-characters'));
  return { handler: new ActivityHandler(rules, store), poller: new WakePoller(new Pollers(), rules, store, new GivenBacklog()), store };
}

const batch = (activities: readonly ProfileActivity[]) =>
  batchOf(profileActivity, activities, { position: { schema: 'orchestrator', consumer: 'orchestrator', from: next } });
async function hear(...activities: readonly ProfileActivity[]): Promise<void> {
  await replica().handler.handle(batch(activities));
  next += activities.length;
}
const wake = (afterMs: number) => replica().poller.round(new Date(instant(afterMs)));

interface Said {
  /** The partition and the offset of the event. */
  readonly cause: readonly [number, number];
  readonly afterMs?: number;
  /** Whom it is told of; without it who did it. */
  readonly of?: string;
  readonly cart?: string;
  readonly change?: Partial<ProfileActivity>;
}

/** Something an id did. Ann has a phone; nothing is known of a visitor. */
function did(id: string, name: string, { cause: [partition, position], afterMs = 0, of = id, cart: key = 'c', change = {} }: Said): ProfileActivity {
  const at = instant(afterMs);
  const profile = of === WEB ? aProfile({ id: of, devices: [], traits: {} }) : aProfile({ id: of });
  const event = anEvent({ profileId: id, name, properties: { cart: key }, receivedAt: at });
  return anActivity({ profileId: of, profile, at, cause: { source: `events/${partition}`, position }, event, ...change });
}
const merge = (position: number, afterMs = 0, change: Partial<ProfileActivity> = {}) =>
  did('ann', 'identify', { cause: [0, position], afterMs, change: { merged: [WEB], ...change } });

const runs = async (profileId: string) => (await replica().store.runsOf({ workspace: 'demo', profileId })).map(({ id, step }) => ({ id, step }));
const told = () => broker.published(journeyActivity).flatMap(activitiesOf).map(({ kind, profileId, journey, ...rest }) => [kind, profileId, journey.step, ...('outcome' in rest ? [rest.outcome] : [])].join(' '));
const sent = () => broker.published(sends('push', 'triggered'));
const stored = () => db.rows('select * from orchestrator.progress order by profile_id');

describe('the runs of a visitor who signs in', () => {
  it('go on with the person, whose phone is known, and are asked for by either id', async () => {
    await hear(did(WEB, 'Added', { cause: [1, 1] }));
    const before = await runs(WEB);
    await hear(merge(1));
    expect(before).toEqual([{ id: expect.any(String), step: 'pause' }]);
    expect([await runs('ann'), await runs(WEB)]).toEqual([before, before]);
    await wake(2 * HOUR);
    expect(told().slice(-2)).toEqual(['message-decided ann again send', 'run-ended ann end completed']);
    expect(sent().map(({ profileId, journey }) => [profileId, journey.runId])).toEqual([['ann', before[0]?.id]]);
  });

  it('end where the person is as far on the same way, and go on where there is no such', async () => {
    await hear(did('ann', 'Added', { cause: [0, 1] }), did(WEB, 'Added', { cause: [1, 1] }), did(WEB, 'Added', { cause: [1, 2], cart: 'other' }));
    broker.clear();
    await hear(merge(2));
    expect(told()).toEqual([`run-ended ann pause merged`]);
    expect(await runs('ann')).toHaveLength(2);
    expect(broker.published(recalls).map(({ profileId, runId }) => [profileId, runId === null])).toEqual([['ann', false], [WEB, false]]);
  });

  it('do not begin again by what the visitor was told of before', async () => {
    await hear(did(WEB, 'Added', { cause: [1, 1], change: { entered: ['vips'] } }), merge(1));
    expect(await runs('ann')).toHaveLength(2);
    await hear(did(WEB, 'Added', { cause: [1, 1], change: { entered: ['vips'] } }), merge(1));
    expect(await runs('ann')).toHaveLength(2);
  });

  it('are called back under the id that they asked under, by what the person does since', async () => {
    await hear(did('bob', 'Added', { cause: [1, 0], of: 'bob' }));
    await hear(did('bob', 'identify', { cause: [0, 5], of: 'ann', change: { merged: ['bob'] } }));
    broker.clear();
    await hear(did('ann', 'Ordered', { cause: [0, 6], afterMs: HOUR / 2 }));
    expect(told()).toEqual(['run-ended ann pause exited']);
    expect(broker.published(recalls).map(({ profileId, reason }) => [profileId, reason])).toEqual([['ann', 'exited'], ['bob', 'exited']]);
  });

  it('and messages on a channel are, when the person declines it', async () => {
    await hear(merge(1), did('ann', 'Left', { cause: [0, 2], change: { withdrawn: ['push'] } }));
    expect(broker.published(recalls).map(({ profileId, channel }) => [profileId, channel])).toEqual([['ann', 'push'], [WEB, 'push']]);
  });
});

describe('what is told of a visitor', () => {
  it('late, after the merge, counts for the person as they are known, once', async () => {
    await hear(merge(1), did(WEB, 'Added', { cause: [1, 7], of: 'ann', cart: 'new', afterMs: 10 }));
    const late = did(WEB, 'Added', { cause: [1, 3] });
    await hear(late, late);
    expect(sent().map(({ profileId, endpoints }) => [profileId, endpoints[0]?.id])).toEqual([['ann', 'device-1'], ['ann', 'device-1']]);
    expect(await runs('ann')).toHaveLength(2);
    expect((await stored()).map(({ profile_id: id, merged_into: into }) => [id, into])).toEqual([['ann', null], [WEB, 'ann']]);
    await wake(2 * HOUR);
    expect(sent()).toHaveLength(4);
  });

  it.each<[string, readonly ProfileActivity[]]>([
    ['before the merge and again since', [did(WEB, 'Added', { cause: [1, 3] }), merge(1), did(WEB, 'Added', { cause: [1, 3], of: 'ann' })]],
    ['after the merge and again since', [merge(1), did(WEB, 'Added', { cause: [1, 3] }), did(WEB, 'Added', { cause: [1, 3], of: 'ann' })]],
    ['since, and by the one who died after that', [merge(1), did(WEB, 'Added', { cause: [1, 3], of: 'ann' }), did(WEB, 'Added', { cause: [1, 3] })]],
  ])('by somebody who died before it counted, %s, counts once', async (_, activities) => {
    for (const each of activities) await hear(each);
    expect(broker.published(journeyActivity).flatMap(activitiesOf).filter(({ kind }) => kind === 'run-started')).toHaveLength(1);
    expect(await runs('ann')).toHaveLength(1);
  });

  it('is the last person’s of a chain, in whichever order the merges are heard', async () => {
    const first = did('bob', 'identify', { cause: [0, 1], change: { merged: [WEB] } });
    const second = did('ann', 'alias', { cause: [2, 1], change: { merged: ['bob', WEB] } });
    for (const order of [[first, second], [second, first]]) {
      await hear(did(WEB, 'Added', { cause: [1, 1] }), ...order);
      expect(await runs('ann')).toHaveLength(1);
      expect(await runs(WEB)).toEqual(await runs('ann'));
      expect((await stored()).filter(({ merged_into: into }) => into === 'ann')).toHaveLength(2);
      await db.rows('truncate orchestrator.progress');
    }
  });
});

describe('a crash between publishing and storing', () => {
  it('of a merge: the replay publishes the same again, and leaves what a quiet life leaves', async () => {
    const before = [did('ann', 'Added', { cause: [0, 1] }), did(WEB, 'Added', { cause: [1, 1] }), did(WEB, 'Added', { cause: [1, 2], cart: 'other' })];
    const merging = [merge(2, 5), did(WEB, 'Ordered', { cause: [1, 3], of: 'ann', cart: 'other', afterMs: 9 })];
    await hear(...before);
    broker.clear();
    await expect(replica(new DyingPublisher()).handler.handle(batch(merging))).rejects.toThrow('killed');
    const lost = broker.outgoing.map(({ key, value }) => [key, value]);
    broker.clear();
    expect((await stored()).filter(({ merged_into: into }) => into !== null)).toEqual([]);
    await hear(...merging);
    expect(broker.outgoing.map(({ key, value }) => [key, value])).toEqual(lost);
    expect(told()).toEqual(['run-ended ann pause merged', 'run-ended ann pause exited']);
    expect(await runs('ann')).toHaveLength(1);
  });

  const runsThat = (...kinds: string[]) => new Set(broker.published(journeyActivity).flatMap(activitiesOf).filter(({ kind }) => kinds.includes(kind)).map(({ journey }) => journey.runId));

  it('of what a visitor did, with the merge before the replay: the run that was told of ends, and what it asked for is called back', async () => {
    const added = did(WEB, 'Added', { cause: [1, 1], afterMs: 3 });
    await hear(did('ann', 'Added', { cause: [0, 1] }));
    await expect(replica(new DyingPublisher()).handler.handle(batch([added]))).rejects.toThrow('killed');
    await hear(merge(2, 5));
    await hear(added);
    const [going] = await runs('ann');
    expect(await runs('ann')).toHaveLength(1);
    const [lost] = [...runsThat('run-started')].filter((id) => id !== going?.id);
    expect([...runsThat('run-ended')]).toEqual([lost]);
    expect(told().slice(-2)).toEqual(['run-started ann remind', 'run-ended ann remind merged']);
    expect(broker.published(recalls).map(({ profileId, runId, at }) => [profileId, runId, at])).toEqual(['ann', WEB].map((id) => [id, lost, instant(5)]));
  });

  it('of the same where the person is not on that way: the run that was told of goes on', async () => {
    const added = did(WEB, 'Added', { cause: [1, 1], afterMs: 3 });
    await expect(replica(new DyingPublisher()).handler.handle(batch([added]))).rejects.toThrow('killed');
    await hear(merge(2, 5));
    await hear(added);
    await hear(did('ann', 'Ordered', { cause: [0, 3], afterMs: 9 }));
    expect(runsThat('run-started').size).toBe(1);
    expect(runsThat('run-ended')).toEqual(runsThat('run-started'));
    expect(broker.published(recalls).map(({ profileId }) => profileId)).toEqual(['ann', WEB]);
  });

  it('of the same, told since under the person’s name by another who died: it is the same run', async () => {
    await expect(replica(new DyingPublisher()).handler.handle(batch([did(WEB, 'Added', { cause: [1, 1] })]))).rejects.toThrow('killed');
    await hear(merge(2, 5), did(WEB, 'Added', { cause: [1, 1], of: 'ann' }));
    await hear(did(WEB, 'Added', { cause: [1, 1] }));
    expect([...runsThat('run-started')]).toEqual((await runs('ann')).map(({ id }) => id));
  });
});

describe('two replicas', () => {
  /** One batch of a partition by a replica of its own, again as the bus would when the world is in its way. */
  async function hearOn(partition: number, from: number, ...activities: ProfileActivity[]): Promise<void> {
    const position = { schema: 'orchestrator', consumer: 'orchestrator', partition, from };
    for (;;) {
      try {
        return await replica().handler.handle(batchOf(profileActivity, activities, { position }));
      } catch (error) {
        if (!(error instanceof InfrastructureError)) throw error;
      }
    }
  }

  it('that hear a visitor’s events and their merge at once lose no run and double none', async () => {
    for (const partition of [1, 2]) await new PostgresPositions(db.database).begin('orchestrator', 'orchestrator', 'profile-activity', partition, 0);
    const people = Array.from({ length: 30 }, (_, n) => n);
    for (const n of people) {
      const [web, ann] = [`anonymous:${n}`, `ann-${n}`];
      await Promise.all([
        hearOn(1, n * 2, did(web, 'Added', { cause: [1, n * 2], cart: 'a' }), did(web, 'Added', { cause: [1, n * 2 + 1], cart: 'b' })),
        hearOn(2, n * 2, did(ann, 'Added', { cause: [0, n * 2], cart: 'a', change: { merged: [web] } }), did(ann, 'Added', { cause: [0, n * 2 + 1], cart: 'c' })),
      ]);
      expect(await runs(ann)).toHaveLength(3);
      expect(await runs(web)).toEqual(await runs(ann));
    }
    expect(await db.rows('select 1 from orchestrator.progress where merged_into is null')).toHaveLength(people.length);
  });
});
