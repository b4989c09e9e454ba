import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { ProfileReading } from './profile-reading.store.js';
import { benchOfSpec, DAY, did, HOUR, MINUTE, segmentOf, traitOf } from './bench.fixture.js';

const conditions: readonly Condition[] = [
  { performed: 'Ordered', atLeast: 3, withinLast: '2h' },
  { performed: 'Ordered', atLeast: 4 },
  { performed: 'Ordered', sum: 'total', value: { atLeast: 30 }, withinLast: '2h' },
  { all: [{ performed: 'Visited' }, { not: { performed: 'Ordered', withinLast: '30m' } }] },
  { trait: 'plan', equals: 'pro' },
  { consent: 'email', is: 'declined' },
  { place: { entered: { latitude: 41.15, longitude: -8.61, km: 1 }, withinLast: '2h' } },
  { all: [{ computed: 'first', equals: 12 }, { computed: 'last', equals: 20 }, { computed: 'opening', equals: 12 }] },
  { computed: 'usual', equals: 'tea' },
  { place: { country: 'PT', within: { latitude: 41.2, longitude: -8.61, km: 1 } } },
];
/** First and last are told by a visitor's devices, and most often by everybody together. */
const traits = [
  traitOf({ id: 'first', performed: 'Ordered', first: 'total' }),
  traitOf({ id: 'last', performed: 'Ordered', last: 'total' }),
  traitOf({ id: 'opening', performed: 'Ordered', first: 'total', withinLast: '2h' }),
  traitOf({ id: 'usual', performed: 'Ordered', mostFrequent: 'what', withinLast: '2h' }),
];
const segments = conditions.map((where, n) => segmentOf(`s${n}`, where));

/** Everything one person did under three ids and as a visitor on two devices; each at a minute of its own. */
const by = (
  user: string | null,
  anonymous: string | null,
  minute: number,
  name: string,
  change: Partial<AcceptedEvent> = {},
): AcceptedEvent =>
  did(name, minute * MINUTE, {
    profileId: user ?? `anonymous:${anonymous}`,
    userId: user,
    anonymousId: anonymous,
    type: name === 'identify' || name === 'alias' ? name : 'track',
    properties: name === 'Ordered' ? { total: 10 + minute, what: minute % 2 === 0 ? 'milk' : 'tea' } : {},
    ...change,
  });
const device = (id: string) => ({ device: { id, type: 'ios', token: `token of ${id}` } });
const where = (latitude: number, country = 'PT') => ({ location: { latitude, longitude: -8.61, country } });
const life: readonly AcceptedEvent[] = [
  by(null, 'web', 1, 'Visited', { traits: { plan: 'free', from: 'ad' }, context: { ...device('one'), chat: { kind: 'slack', id: 'U1' } } }),
  by(null, 'web', 2, 'Ordered', { context: { consent: { email: true } } }),
  by(null, 'phone', 3, 'Ordered', { context: { ...device('two'), ...where(41.2) }, traits: { from: 'app' } }),
  by('ann', 'web', 4, 'identify', { traits: { plan: 'pro' }, context: where(41.15) }),
  by('ann', 'web', 5, 'Ordered', { context: { consent: { email: true } } }),
  by('old', 'phone', 6, 'identify', { traits: { plan: 'old', age: 30 }, context: where(41.15, 'ES') }),
  by('old', null, 7, 'Ordered', { context: { consent: { email: false }, chat: { kind: 'telegram', id: '7' } } }),
  by('ann', 'phone', 8, 'Seen', { traits: { age: 31, email: 'ann@example.com' }, context: { chat: { kind: 'slack', id: 'U1', removed: true } } }),
  by('ann', null, 9, 'alias', { properties: { previousId: 'old' } }),
  by(null, 'phone', 10, 'Ordered', { traits: { from: 'late', email: 'late@example.com' }, context: device('one') }),
  by('old', null, 11, 'Seen', { traits: { plan: 'pro' }, context: where(41.2) }),
];

const bench = benchOfSpec();

/** What is known of the person in the end, under each id, whatever the order it is kept in. */
async function known() {
  const reading = new ProfileReading(bench.db.database);
  const all = ['ann', 'old', 'anonymous:web', 'anonymous:phone', 'anonymous:old'].map(async (profileId) => {
    const row = await reading.profile({ workspace: 'demo', profileId });
    const { profile_id: id, traits, devices, addresses, consent, place, segments: ids, identity, created_at: createdAt } = row ?? {};
    const history = await reading.events({ workspace: 'demo', profileId }, null, 100);
    return {
      id, traits, consent, place, ids, createdAt,
      addresses: addresses?.toSorted((a, b) => (a.address < b.address ? -1 : 1)),
      devices: devices?.map((each) => each.id).toSorted(),
      merged: identity?.ids.map((each) => each.id).toSorted(),
      history: history.map((each) => each.message_id),
    }; // prettier-ignore
  });
  const members = await bench.db.rows('select segment, profile_id from segmentation.segment_member order by 1, 2');
  const reached = await bench.db.rows('select address, profile_id from segmentation.profile_address order by 1, 2');
  return { people: await Promise.all(all), members, reached };
}

/** The same life in other batches; where `dies` says so, a process publishes a batch and dies before it counts. */
async function lived(events: readonly AcceptedEvent[], cuts: readonly number[], dies: readonly boolean[]) {
  await bench.reset(...traits, ...segments);
  const ends = [...new Set([...cuts, events.length])].toSorted((a, b) => a - b);
  let from = 0;
  for (const [n, end] of ends.entries()) {
    const batch = events.slice(from, end);
    if (dies[n] === true) await bench.hearAndDie(...batch);
    await bench.hear(...batch);
    from = end;
  }
  const first = await known();
  for (const hours of [1, 3]) while (await bench.pass(hours * HOUR));
  await bench.pass(DAY);
  return { ...(await known()), first: first.people[0]?.ids };
}

describe('one person under many ids', () => {
  it('is the same in whatever order, and in whatever batches, it is heard of, and whoever dies meanwhile', async () => {
    const quiet = await lived(life, [], []);
    expect(quiet.people.map(({ id }) => id)).toEqual(['ann', 'ann', 'ann', 'ann', 'ann']);
    expect(quiet.people[0]).toMatchObject({
      traits: { plan: 'pro', age: 31, from: 'late' },
      consent: { email: false },
    });
    expect(quiet.reached).toHaveLength(4);
    expect(quiet.first).toEqual(['s0', 's1', 's2', 's4', 's5', 's6', 's7', 's8', 's9']);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...life], { minLength: life.length }),
        fc.uniqueArray(fc.integer({ min: 1, max: life.length - 1 }), { maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        async (events, cuts, dies) => expect(await lived(events, cuts, dies)).toEqual(quiet),
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

/** What people said who share devices, and who are said to be each other: who comes first decides. */
const sayings: readonly AcceptedEvent[] = [
  by('ann', 'web', 1, 'identify'), by('bob', 'web', 2, 'identify'), by('eve', 'web', 3, 'identify'),
  by('ann', 'phone', 4, 'identify'), by('bob', 'phone', 5, 'identify'), by(null, 'web', 6, 'Ordered'), by(null, 'phone', 7, 'Ordered'),
  by('ann', null, 8, 'alias', { properties: { previousId: 'bob' } }), by('bob', null, 9, 'alias', { properties: { previousId: 'ann' } }),
  by('eve', null, 10, 'alias', { properties: { previousId: 'bob' } }),
]; // prettier-ignore
const keys = [...new Set(sayings.map(({ profileId }) => profileId))];

describe('ids that several people are said to have', () => {
  it('are told to be of those who have them in the end, and kept for nobody else, in whatever order partitions are heard, and whoever dies meanwhile', async () => {
    const turn = fc.record({ partition: fc.nat(3), length: fc.integer({ min: 1, max: 3 }), dies: fc.boolean() });
    const orders = fc.shuffledSubarray([...sayings], { minLength: sayings.length });
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 4 }), fc.array(turn, { maxLength: 30 }), async (events, partitions, turns) => {
        await bench.reset();
        const queues = [0, 1, 2, 3].map((partition) => events.filter(({ profileId }) => keys.indexOf(profileId) % partitions === partition));
        const rest = [...queues.keys()].map((partition) => ({ partition, length: sayings.length, dies: false }));
        for (const { partition, length, dies } of [...turns, ...rest]) {
          const queue = queues[partition] ?? [];
          if (dies) await bench.hearOnAndDie(partition, ...queue.slice(0, length));
          else await bench.hearOn(partition, ...queue.splice(0, length));
        }
        const rows = await bench.db.rows<{ profile_id: string; merged_into: string | null }>('select profile_id, merged_into from segmentation.profile');
        const owners = new Map(rows.map((row) => [row.profile_id, row.merged_into ?? row.profile_id]));
        for (const { profileId, merged = [] } of bench.told()) for (const id of merged) expect([id, owners.get(id)]).toEqual([id, owners.get(profileId)]);
        const kept = await bench.db.rows<{ profile_id: string }>('select profile_id from segmentation.merge_intent');
        expect(kept.filter(({ profile_id: id }) => (owners.get(id) ?? id) === id)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
