import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition, Values } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { ProfileReading } from './profile-reading.store.js';
import { at, benchOfSpec, DAY, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const regulars: Condition = { performed: 'Ordered', atLeast: 2, withinLast: '1h' };
const visitors: Condition = { performed: 'Visited' };
const pros: Condition = { trait: 'plan', equals: 'pro' };

const bench = benchOfSpec();
beforeEach(() =>
  bench.reset(segmentOf('regulars', regulars), segmentOf('visitors', visitors), segmentOf('pros', pros)),
);

/** Something that was done before anybody knew by whom. */
const unknown = (name: string, afterMs = 0, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  did(name, afterMs, { profileId: 'anonymous:web', userId: null, anonymousId: 'web', ...change });
const identify = (traits: Values, afterMs = 0, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  did('identify', afterMs, { type: 'identify', anonymousId: 'web', traits, ...change });
const alias = (userId: string, previousId: string, afterMs = 0): AcceptedEvent =>
  did('alias', afterMs, { type: 'alias', profileId: userId, userId, properties: { previousId } });

const read = (profileId: string) => new ProfileReading(bench.db.database).profile({ workspace: 'demo', profileId });
const known = async (profileId = 'ann') => {
  const { profile_id: id, traits, devices, consent, segments, identity } = (await read(profileId)) ?? {};
  const ids = identity?.ids.map((each) => each.id).toSorted();
  return {
    id,
    traits,
    devices,
    consent,
    segments,
    ids,
    refused: identity?.refused.map((each) => [each.id, each.reason]),
  };
};
const members = () => bench.db.rows('select segment, profile_id from segmentation.segment_member order by 1, 2');
const ways = () =>
  bench.db.rows('select profile_id, merged_into from segmentation.profile where merged_into is not null order by 1');
/** All that was told, one line each, with whom it was told of. */
const lines = () =>
  bench
    .told()
    .map(({ profileId, event, entered, left, merged = [] }) =>
      [
        profileId,
        event?.name,
        ...merged.map((id) => `<${id}`),
        ...entered.map((id) => `+${id}`),
        ...left.map((id) => `-${id}`),
      ].join(' '),
    );

describe('an anonymous profile and a user id', () => {
  const device = { id: 'phone', type: 'ios', token: 'token' };
  const visit = unknown('Visited', 0, { traits: { plan: 'free', from: 'ad' }, context: { device } });
  const first = unknown('Ordered', SECOND);
  const signIn = identify({ plan: 'pro' }, 2 * SECOND, { context: { consent: { email: true } } });
  const second = did('Ordered', 3 * SECOND);
  const refusal = unknown('Left', 4 * SECOND, { context: { consent: { email: false } }, traits: { plan: 'none' } });

  it.each<[string, readonly AcceptedEvent[][]]>([
    ['in the order in which they happened', [[visit], [first], [signIn], [second], [refusal]]],
    ['when the visits come late', [[signIn], [second], [refusal], [first], [visit]]],
    ['when the sign-in comes last', [[visit], [first], [second], [refusal], [signIn]]],
    ['in one batch', [[visit, first, signIn, second, refusal]]],
    ['in one batch, the sign-in first', [[signIn, refusal, second, first, visit]]],
    ['in one batch with what was known, the sign-in last', [[visit], [second, first, refusal, signIn]]],
  ])('are one person %s', async (_, batches) => {
    for (const batch of batches) await bench.hear(...batch);
    expect(await known()).toMatchObject({
      id: 'ann',
      traits: { plan: 'pro', from: 'ad' },
      devices: [{ ...device, seenAt: at(0).toISOString() }],
      consent: { email: false },
      segments: ['pros', 'regulars', 'visitors'],
      ids: ['anonymous:web'],
      refused: [],
    });
    expect(await known('anonymous:web')).toEqual(await known());
    expect(await members()).toEqual(
      ['pros', 'regulars', 'visitors'].map((segment) => ({ segment, profile_id: 'ann' })),
    );
    const told = bench.told().filter(({ merged }) => merged !== undefined);
    expect(told.map(({ event, merged }) => [event?.messageId, merged])).toEqual([
      [signIn.messageId, ['anonymous:web']],
    ]);
  });

  it('tell of the merge once, and of what the anonymous id does since under the new one', async () => {
    await bench.hear(visit, first);
    await bench.hear(signIn, second, refusal);
    expect(lines()).toEqual([
      'anonymous:web Visited +visitors',
      'anonymous:web Ordered',
      'ann identify <anonymous:web +pros',
      'ann Ordered +regulars',
      'ann Left',
    ]);
    expect(bench.told().map(({ withdrawn }) => withdrawn)).toEqual([[], [], [], [], ['email']]);
    expect(bench.told()[4]?.event?.profileId).toBe('anonymous:web');
    // The window moves on from when the anonymous order happened.
    await bench.pass(HOUR + MINUTE);
    expect(lines().slice(5)).toEqual(['ann  -regulars']);
  });

  it('have one timeline, which shows the merge', async () => {
    await bench.hear(visit, first, signIn, second);
    const reading = new ProfileReading(bench.db.database);
    const page = await reading.events({ workspace: 'demo', profileId: 'anonymous:web' }, null, 10);
    expect(page.map(({ name, merged }) => [name, merged])).toEqual([
      ['Ordered', []],
      ['identify', ['anonymous:web']],
      ['Ordered', []],
      ['Visited', []],
    ]);
  });

  it('hear the same event once, before the merge and after it', async () => {
    await bench.hear(visit, visit, signIn);
    bench.broker.clear();
    await bench.hear(visit, signIn);
    expect(bench.told()).toEqual([]);
  });

  it('count for segments that are published later', async () => {
    await bench.hear(visit, first);
    await bench.hear(signIn, second);
    const buyers: Condition = { all: [{ performed: 'Visited' }, { performed: 'Ordered', atLeast: 2 }] };
    bench.catalog = Catalog.of([segmentOf('buyers', buyers, HOUR)]);
    await bench.hear(did('Seen', 2 * HOUR));
    expect((await known()).segments).toEqual(['buyers']);
  });
});

describe('ids that are not merged', () => {
  it('belong to the first who used a device, and what is done on it without a name is theirs', async () => {
    await bench.hear(unknown('Visited'), identify({}, SECOND));
    const bob = { profileId: 'bob', userId: 'bob' };
    await bench.hear(identify({ plan: 'pro' }, 2 * SECOND, bob), identify({ plan: 'pro' }, 3 * SECOND, bob));
    await bench.hear(alias('bob', 'web', 3 * SECOND), unknown('Ordered', 4 * SECOND));
    expect(await known('bob')).toMatchObject({ id: 'bob', segments: ['pros'], refused: [['anonymous:web', 'taken']] });
    expect(await known('anonymous:web')).toMatchObject({ id: 'ann', segments: ['visitors'] });
    expect(lines().at(-1)).toBe('ann Ordered');
  });

  it('are those beyond 50', async () => {
    const devices = Array.from({ length: 60 }, (_, n) => identify({}, n, { anonymousId: `web-${n}` }));
    await bench.hear(...devices.slice(0, 30));
    await bench.hear(...devices.slice(30));
    const ann = await known();
    expect(ann.ids).toHaveLength(50);
    expect(ann.refused).toHaveLength(10);
    expect(ann.refused?.[0]).toEqual(['anonymous:web-50', 'full']);
    await bench.hear(unknown('Visited', HOUR, { profileId: 'anonymous:web-55', anonymousId: 'web-55' }));
    expect((await known('anonymous:web-55')).id).toBe('anonymous:web-55');
  });
});

describe('an alias', () => {
  it('makes one of two known people, whose latest word counts', async () => {
    await bench.hear(
      identify({ plan: 'free', age: 1 }, 0, { profileId: 'old', userId: 'old' }),
      did('Visited', SECOND, { profileId: 'old', userId: 'old' }),
      identify({ plan: 'pro' }, -MINUTE, { anonymousId: null }),
    );
    await bench.hear(alias('ann', 'old', 2 * SECOND));
    expect(await known('old')).toMatchObject({
      id: 'ann',
      traits: { plan: 'free', age: 1 },
      segments: ['visitors'],
      ids: ['anonymous:old', 'anonymous:web', 'old'],
    });
    expect(bench.told().at(-1)?.merged).toEqual(['anonymous:old', 'old', 'anonymous:web']);
    expect(await ways()).toEqual(
      ['anonymous:old', 'anonymous:web', 'old'].map((id) => ({ profile_id: id, merged_into: 'ann' })),
    );
  });

  it('of an alias leads to the last of them, and back to the first leads nowhere', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const [n, id] of names.entries()) await bench.hear(did('Visited', n, { profileId: id, userId: id }));
    await bench.hear(alias('b', 'a', 10), alias('c', 'b', 11));
    await bench.hear(alias('d', 'c', 12));
    await bench.hear(alias('a', 'd', 13), alias('b', 'c', 14));
    for (const id of names) expect((await known(id)).id).toBe('d');
    expect((await ways()).filter(({ merged_into: into }) => into !== 'd')).toEqual([]);
    await bench.hear(
      did('Ordered', 15, { profileId: 'a', userId: 'a' }),
      did('Ordered', 16, { profileId: 'b', userId: 'b' }),
    );
    expect(await known('d')).toMatchObject({ segments: ['regulars', 'visitors'] });
  });
});

describe('a crash', () => {
  const batch = () => [identify({ plan: 'pro' }, SECOND), unknown('Ordered', 2 * SECOND), did('Ordered', 3 * SECOND)];
  const stored = (): Promise<unknown> =>
    Promise.all([
      bench.db.rows('select * from segmentation.profile order by profile_id'),
      bench.db.rows('select * from segmentation.segment_member order by segment, profile_id'),
      bench.db.rows('select * from segmentation.event_history order by profile_id, message_id'),
    ]);

  it('of a merge leaves nothing of it, and the replay tells the same and leaves what a quiet life leaves', async () => {
    const [visit, merging] = [unknown('Visited'), batch()];
    await bench.hear(visit);
    await bench.hear(...merging);
    const quiet = { told: bench.told().slice(1), rows: await stored() };

    await bench.reset(segmentOf('regulars', regulars), segmentOf('visitors', visitors), segmentOf('pros', pros));
    await bench.hear(visit);
    bench.broker.clear();
    await bench.hearAndDie(...merging);
    expect([await ways(), (await known('anonymous:web')).id]).toEqual([[], 'anonymous:web']);
    const lost = bench.told();
    bench.broker.clear();
    await bench.hear(...merging);
    expect([lost, bench.told()]).toEqual([quiet.told, quiet.told]);
    expect(await stored()).toEqual(quiet.rows);
  });

  it('and a wake before the replay: the wake is told of the old id, and what it was in is not entered again', async () => {
    await bench.hear(unknown('Ordered'), unknown('Ordered'));
    const merging = identify({}, 2 * HOUR);
    await bench.hearAndDie(merging);
    await bench.pass(2 * HOUR);
    await bench.hear(merging);
    expect(lines()).toEqual([
      'anonymous:web Ordered',
      'anonymous:web Ordered +regulars',
      'anonymous:web  -regulars',
      'ann identify <anonymous:web',
      'anonymous:web  -regulars',
      'ann identify <anonymous:web',
    ]);
  });
});

describe('two replicas', () => {
  const bob = { profileId: 'bob', userId: 'bob' };
  /** Whom each id was told to be part of, in the order in which it was told. */
  const toldOwners = (): unknown => bench.told().flatMap(({ profileId, merged = [] }) => merged.map((id) => `${id} ${profileId}`));

  it('that hear a first visit and a sign-in at once make one person of them', async () => {
    const people = Array.from({ length: 40 }, (_, n) => n);
    for (const n of people) {
      const ids = { anonymousId: `web-${n}` };
      await Promise.all([
        bench.hearOn(1, unknown('Visited', DAY, { ...ids, profileId: `anonymous:web-${n}` })),
        bench.hearOn(2, identify({}, DAY, { ...ids, profileId: `user-${n}`, userId: `user-${n}` })),
      ]);
    }
    for (const n of people) expect((await known(`anonymous:web-${n}`)).id).toBe(`user-${n}`);
    expect((await members()).map(({ profile_id: id }) => id)).toEqual(people.map((n) => `user-${n}`).toSorted());
    expect(await ways()).toHaveLength(people.length);
  });

  it.each([
    ['a device that was used', [unknown('Visited')]],
    ['a device that nobody heard of', []],
  ])('tell of one owner of %s, also when one died after it told, and the other was first then', async (_, before) => {
    const [first, second] = [identify({}, SECOND), identify({ plan: 'pro' }, 2 * SECOND, bob)];
    if (before.length > 0) await bench.hear(...before);
    await bench.hearOnAndDie(1, first);
    await bench.hearOn(2, second);
    await bench.hearOn(1, first);
    expect(toldOwners()).toEqual(['anonymous:web ann', 'anonymous:web ann']);
    expect(await known('anonymous:web')).toMatchObject({ id: 'ann' });
    expect(await known('bob')).toMatchObject({ ids: [], refused: [['anonymous:web', 'taken']] });
    expect(await bench.db.rows('select * from segmentation.merge_intent')).toEqual([]);
  });

  it('tell of two people who are said to be each other’s in one way, also when one died after it told', async () => {
    const [first, second] = [alias('ann', 'bob', SECOND), alias('bob', 'ann', SECOND)];
    await bench.hearOnAndDie(1, first);
    await bench.hearOn(2, second);
    await bench.hearOn(1, first);
    expect((await known('bob')).id).toBe('ann');
    expect(toldOwners()).toEqual(['anonymous:bob ann', 'bob ann', 'anonymous:ann bob', 'anonymous:bob ann', 'bob ann', 'anonymous:ann ann']);
    expect(await bench.db.rows('select * from segmentation.merge_intent')).toEqual([]);
  });

  it('keep an id for nobody who does not merge it: a batch that comes again is cut differently', async () => {
    const [first, second] = [alias('ann', 'bob', SECOND), alias('bob', 'ann', SECOND)];
    await bench.hearAndDie(first, second);
    await bench.hear(first);
    await bench.hear(second);
    await bench.hear(alias('eve', 'ann', 2 * SECOND));
    expect((await known('bob')).id).toBe('eve');
  });
});
