import { describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { events, type AcceptedEvent, type Condition, type Values } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import fc from 'fast-check';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { SegmentCatalog } from './segment-catalog.js';
import { at, benchOfSpec, DAY, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const conditions: readonly Condition[] = [
  { group: { trait: 'plan', equals: 'pro' } },
  { not: { group: { trait: 'renews', withinNext: '1d' } } },
  { group: { trait: 'renews', withinLast: '3h', where: [{ trait: 'plan', notEquals: 'pro' }] } },
  { all: [{ segment: 's0' }, { performed: 'Ordered', withinLast: '1h' }] },
  { any: [{ not: { segment: 's1' } }, { group: { trait: 'seats', exists: true } }] },
];
const all = conditions.map((where, n) => segmentOf(`s${n}`, where));
const bench = benchOfSpec();

const audit = async (afterMs: number) => {
  const auditor = new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database));
  const { differences, waiting, overdue } = await auditor.audit('demo', { after: '', limit: 100 }, at(afterMs));
  return { differences, waiting, overdue };
};

/** What somebody's app says of a group, or else; how late it is told, and what happens then. */
const deed = fc.record({
  who: fc.constantFrom(['ann', null], ['bob', null], ['cleo', null], [null, 'web'], ['ann', 'web'], ['bob', 'phone'], [null, 'phone']),
  name: fc.constantFrom('group', 'group', 'group', 'leave', 'Ordered', 'identify'),
  group: fc.constantFrom('a', 'b', 'c'),
  traits: fc.record(
    {
      plan: fc.constantFrom('pro', 'free', null),
      renews: fc.constantFrom('2026-03-03', '2026-03-04T10:00:00Z', '2026-03-06', 'never', null),
      seats: fc.constantFrom(1, null),
    },
    { requiredKeys: [] },
  ),
  after: fc.oneof(fc.nat(10 * SECOND), fc.nat(10 * MINUTE), fc.nat(DAY)),
  late: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(10 * MINUTE), fc.nat(3 * DAY)),
  then: fc.constantFrom('next', 'next', 'again', 'clock', 'walk', 'walk', 'die'),
  publish: fc.constantFrom(false, false, false, true),
}); // prettier-ignore
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

const propertiesOf = ({ name, group: groupId, traits }: Deed): Values => {
  if (name === 'group') return { groupId, traits };
  return name === 'leave' ? { groupId, left: true } : {};
};
const eventOf = (each: Deed, now: number): AcceptedEvent => {
  const [userId = null, anonymousId = null] = each.who;
  const types = { group: 'group', leave: 'group', identify: 'identify' } as Readonly<Record<string, AcceptedEvent['type']>>;
  return did(each.name, now, {
    profileId: userId ?? `anonymous:${anonymousId}`,
    userId,
    anonymousId,
    type: types[each.name] ?? 'track',
    timestamp: at(now - each.late).toISOString(),
    properties: propertiesOf(each),
  });
};

/** All walks to their ends, and all that is due. */
async function settle(now: number): Promise<void> {
  const { groups, clock } = bench.replica();
  for (let round = 0; round < 8; round++) await groups.round(at(now), 50);
  while (await clock.round(at(now)));
}

async function hear(event: AcceptedEvent, then: Deed['then'], now: number): Promise<void> {
  if (then === 'die') {
    // A batch that another one dies with, and the clock before the batch comes again.
    await bench.hearAndDie(event);
    await bench.pass(now);
  }
  await bench.hear(event);
  if (then === 'again') await bench.hear(event);
  if (then === 'walk') await bench.replica().groups.round(at(now), 1);
  if (then === 'walk' || then === 'clock') while (await bench.pass(now));
}

async function follow(deeds: readonly Deed[]): Promise<void> {
  await bench.reset(...all.slice(0, 3));
  let [now, published] = [0, 3];
  for (const each of deeds) {
    now += each.after;
    await hear(eventOf(each, now), each.then, now);
    const next = all[published];
    if (each.publish && next !== undefined) {
      bench.catalog.put({ ...next, publishedAt: at(now).toISOString() });
      published += 1;
      await bench.replica().backfill.round(at(now));
    }
    expect(await audit(now)).toMatchObject({ differences: 0 });
  }
  for (const later of [now + MINUTE, now + HOUR, now + 5 * DAY]) {
    await settle(later);
    expect(await audit(later)).toEqual({ differences: 0, waiting: 0, overdue: 0 });
  }
  await expectMembers();
}

/** Lists of members say what the profiles say. */
async function expectMembers(): Promise<void> {
  const listed = await bench.db.rows<{ profile_id: string; group_id: string; since: string }>(
    'select profile_id, group_id, since from segmentation.group_member order by 1, 2',
  );
  const profiles = await bench.db.rows<{ profile_id: string; groups: { of: [string, number][] } | null }>(
    'select profile_id, groups from segmentation.profile where merged_into is null order by 1',
  );
  const said = profiles.flatMap(({ profile_id: id, groups }) =>
    (groups?.of ?? []).toSorted().map(([group, since]) => ({ profile_id: id, group_id: group, since: String(since) })),
  );
  expect(listed).toEqual(said);
}

describe('answers about groups', () => {
  it('are those of a recomputation, whatever came late, twice, out of order, or turned out to be somebody else', async () => {
    await fc.assert(fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 25 }), follow), { numRuns: 25 });
  }, 180_000);

  it('of a group that two replicas hear of at once are those of both', async () => {
    await bench.reset(...all);
    const positions = new PostgresPositions(bench.db.database);
    for (const partition of [1, 2]) await positions.begin('segmentation', 'segmentation', 'events', partition, 0);
    const hearOn = async (partition: number, from: number, ...list: AcceptedEvent[]): Promise<void> => {
      const batch = batchOf(events, list, { position: { schema: 'segmentation', consumer: 'segmentation', partition, from } });
      await bench.replica().handler.handle(batch);
    };
    const call = (profileId: string, groupId: string, traits: Values) =>
      did('group', 0, { type: 'group', profileId, userId: profileId, properties: { groupId, traits } });
    for (let n = 0; n < 20; n += 1) {
      await Promise.all([
        hearOn(1, 2 * n, call(`one-${n}`, `x${n}`, { plan: 'pro' }), call(`one-${n}`, `y${n}`, { seats: 1 })),
        hearOn(2, 2 * n, call(`two-${n}`, `y${n}`, { plan: 'pro' }), call(`two-${n}`, `x${n}`, { seats: 2 })),
      ]);
    }
    const groups = await bench.db.rows<{ traits: Values }>('select traits from segmentation.profile_group');
    expect(groups.map(({ traits }) => Object.keys(traits).toSorted())).toEqual(Array.from({ length: 40 }, () => ['plan', 'seats']));
    await settle(MINUTE);
    expect(await audit(MINUTE)).toEqual({ differences: 0, waiting: 0, overdue: 0 });
  }, 60_000);
});
