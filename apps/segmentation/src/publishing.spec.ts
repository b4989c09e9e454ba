import { beforeEach, describe, expect, it } from '@jest/globals';
import { moveOf, type Condition } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf, workspaceOf } from './bench.fixture.js';

const pros: Condition = { trait: 'plan', equals: 'pro' };
const buyers: Condition = {
  performed: 'Ordered',
  atLeast: 2,
  withinLast: '2d',
  where: [{ property: 'total', greaterThan: 10 }],
};

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('pros', pros)));

const ordered = (afterMs: number, total: number, profileId = 'ann') =>
  did('Ordered', afterMs, { properties: { total }, profileId });
const publish = (afterMs: number) => bench.catalog.put(segmentOf('buyers', buyers, afterMs));
const segments = async () =>
  Object.fromEntries(
    (
      await bench.db.rows<{ profile_id: string; segments: string[] }>(
        'select profile_id, segments from segmentation.profile',
      )
    ).map((row) => [row.profile_id, row.segments]),
  );
const members = () => bench.db.rows('select segment, profile_id from segmentation.segment_member order by 1, 2');

describe('a segment that is published', () => {
  it('is entered by those whose history says so, in the background, as of its publication', async () => {
    await bench.hear(
      ordered(0, 20),
      ordered(HOUR, 30),
      ordered(0, 20, 'bob'),
      ordered(HOUR, 5, 'bob'),
      identified({ plan: 'pro' }, 0, { profileId: 'cleo' }),
    );
    bench.broker.clear();
    publish(2 * HOUR);
    const { backfill, clock } = bench.replica();
    await backfill.round(at(2 * HOUR + SECOND));
    await clock.round(at(2 * HOUR + SECOND));
    expect(bench.lines()).toEqual(['segments 120 +buyers']);
    expect(bench.told()[0]).toMatchObject({ profileId: 'ann', event: null, at: at(2 * HOUR).toISOString() });
    expect(await segments()).toEqual({ ann: ['buyers'], bob: [], cleo: ['pros'] });
    expect(await members()).toEqual([
      { segment: 'buyers', profile_id: 'ann' },
      { segment: 'pros', profile_id: 'cleo' },
    ]);
  });

  it('is told to thousands as fast where there was nobody when the statement was first asked', async () => {
    for (let round = 1; round <= 8; round += 1) {
      bench.catalog.put(segmentOf(`s${round}`, pros, round * SECOND));
      await bench.hear(did('Seen', round, { profileId: `early-${round}` }));
      for (let step = 0; step < 3; step += 1) await bench.replica().backfill.round(at(MINUTE * round + step * SECOND));
    }
    await bench.db.rows(
      `insert into segmentation.profile
       select (jsonb_populate_record(p, jsonb_build_object('profile_id', 'late-' || n, 'revision', ''))).*
         from segmentation.profile p, generate_series(1, 20000) n where profile_id = 'early-1'`,
    );
    publish(HOUR);
    const started = performance.now();
    await bench.replica().backfill.round(at(HOUR + SECOND));
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('counts no event whose name shares a number with the one that it asks for, nor a call that merely bears it', async () => {
    await bench.hear(did('Viewed 1032789'), did('Viewed 1629192', SECOND, { profileId: 'bob' }), identified({}, SECOND, { profileId: 'cleo', name: 'Viewed 1032789' }));
    expect(await bench.db.rows('select distinct counts_as from segmentation.event_history order by 1')).toEqual([{ counts_as: -739399349 }, { counts_as: 0 }]);
    bench.catalog.put(segmentOf('viewers', { performed: 'Viewed 1032789' }, HOUR));
    await bench.replica().backfill.round(at(2 * HOUR));
    expect(await segments()).toEqual({ ann: ['viewers'], bob: [], cleo: [] });
  });

  it('counts what happened in the minute before 1970 in that minute', async () => {
    await bench.hear(did('Ordered', 0, { timestamp: '1969-12-31T23:59:30.000Z' }), did('Ordered', 0, { timestamp: '1970-01-01T00:00:30.000Z' }));
    bench.catalog.put(segmentOf('early', { performed: 'Ordered', atLeast: 2, withinLast: '3000w' }, HOUR));
    await bench.replica().backfill.round(at(2 * HOUR));
    const [row] = await bench.db.rows<{ counters: Record<string, { buckets: number[] }> }>('select counters from segmentation.profile');
    expect(Object.values(row?.counters ?? {}).map(({ buckets }) => buckets)).toEqual([[-30 * SECOND, 1, 30 * SECOND, 1]]);
  });

  it('is left when its window has passed, as if it had always been there', async () => {
    await bench.hear(ordered(0, 20), ordered(HOUR, 30));
    publish(2 * HOUR);
    const { backfill, clock } = bench.replica();
    await backfill.round(at(2 * HOUR));
    await clock.round(at(2 * HOUR));
    await clock.round(at(2 * DAY - 1));
    expect(bench.lines()).toHaveLength(3);
    await clock.round(at(2 * DAY));
    expect(bench.lines()[3]).toBe(`clock ${(2 * DAY) / MINUTE} -buyers`);
  });

  it('is entered under its own cause when an event comes before the background does, which then tells nothing', async () => {
    await bench.hear(ordered(0, 20), ordered(HOUR, 30));
    publish(2 * HOUR);
    await bench.hear(did('Seen', 3 * HOUR));
    const { backfill, clock } = bench.replica();
    await backfill.round(at(4 * HOUR));
    await clock.round(at(4 * HOUR));
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1', 'segments 120 +buyers', 'events/0 2']);
  });

  it('is told under the same cause after a crash, whichever door comes first then', async () => {
    await bench.hear(ordered(0, 20), ordered(HOUR, 30));
    bench.broker.clear();
    publish(2 * HOUR);
    const seen = did('Seen', 3 * HOUR);
    await bench.hearAndDie(seen);
    const { backfill, clock } = bench.replica();
    await backfill.round(at(4 * HOUR));
    await clock.round(at(4 * HOUR));
    await bench.hear(seen);
    expect(bench.lines()).toEqual(['segments 120 +buyers', 'events/0 2', 'segments 120 +buyers', 'events/0 2']);
    expect(
      bench
        .told()
        .slice(2)
        .map(({ profile }) => profile),
    ).toEqual(
      bench
        .told()
        .slice(0, 2)
        .map(({ profile }) => profile),
    );
  });

  it('is entered as the same version of the person when segments are published again between the crash and the replay', async () => {
    await bench.hear(ordered(0, 20), ordered(HOUR, 30));
    bench.broker.clear();
    publish(2 * HOUR);
    await bench.hearAndDie(did('Seen', 3 * HOUR));
    bench.catalog.put(segmentOf('buyers', { any: [buyers, pros] }, 2 * HOUR + MINUTE));
    await bench.replica().backfill.round(at(4 * HOUR));
    expect(bench.lines()).toEqual(['segments 120 +buyers', 'events/0 2', 'segments 121 +buyers']);
    const [first, , again] = bench.told();
    expect(again && moveOf(again)).toEqual(first && moveOf(first));
  });

  it('still reaches a profile that a receipt changed in between', async () => {
    await bench.hear(ordered(0, 20), ordered(HOUR, 30));
    publish(2 * HOUR);
    const { backfill, clock } = bench.replica();
    // What was said until then may not have been heard: the clock waits for it.
    bench.backlog.partitions = [{ partition: 0, until: at(HOUR).getTime() }];
    await backfill.round(at(2 * HOUR));
    await clock.round(at(2 * HOUR));
    expect(bench.lines().slice(2)).toEqual([]);
    await bench.hear(did('unsubscribed', 2 * HOUR, { type: 'receipt', context: { consent: { email: false } } }));
    bench.backlog.partitions = [];
    await clock.round(at(2 * HOUR));
    expect(bench.lines().slice(2)).toEqual(['events/0 2', 'segments 120 +buyers']);
  });

  it('is left to the millisecond by what is read of history to the minute', async () => {
    await bench.hear(did('Seen', 10 * SECOND), did('Seen', 50 * SECOND), did('Seen', MINUTE + SECOND));
    bench.catalog.put(segmentOf('seen', { performed: 'Seen', atLeast: 2, withinLast: '1d' }, HOUR));
    const { backfill, clock } = bench.replica();
    await backfill.round(at(HOUR));
    await clock.round(at(2 * DAY));
    expect(bench.lines().slice(3)).toEqual(['segments 60 +seen', `clock ${(DAY + 50 * SECOND) / MINUTE} -seen`]);
  });

  it('counts events of the batch that first needs it once', async () => {
    await bench.hear(ordered(0, 20));
    publish(HOUR);
    await bench.hear(did('Seen', 2 * HOUR), ordered(2 * HOUR, 20));
    expect(bench.lines().slice(1)).toEqual(['events/0 1', 'events/0 2 +buyers']);
    const [row] = await bench.db.rows<{ counters: Record<string, { buckets: number[] }> }>(
      'select counters from segmentation.profile',
    );
    expect(Object.values(row?.counters ?? {}).map(({ buckets }) => buckets)).toEqual([
      [at(0).getTime(), 1, at(2 * HOUR).getTime(), 1],
    ]);
  });

  it('reaches everybody a few at a time, once, also by a replica that goes on where another left off', async () => {
    await bench.hear(...Array.from({ length: 25 }, (_, index) => did('Seen', 0, { profileId: `p${index}` })));
    publish(HOUR);
    const told = async () => (await bench.db.rows('select from segmentation.profile where known_at = $1', [at(HOUR).getTime()])).length;
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      await bench.replica().backfill.round(at(HOUR + round * SECOND), 10);
      counts.push(await told());
    }
    expect(counts).toEqual([10, 20, 25, 25]);
    // Made by somebody who had not heard of it, behind the back of the first pass.
    await bench.replica(bench.broker, Catalog.of([workspaceOf('demo'), segmentOf('pros', pros)])).handler.handle(bench.batch([did('Seen', HOUR, { profileId: 'a' })]));
    expect(await told()).toBe(25);
    expect(await bench.replica().backfill.round(at(HOUR + 4 * SECOND), 10)).toBe(false);
    for (let round = 0; round < 5; round++) await bench.replica().backfill.round(at(2 * HOUR + round * SECOND), 10);
    expect(await told()).toBe(26);
  });

  it('asks no two replicas to do the same at once', async () => {
    await bench.hear(...Array.from({ length: 30 }, (_, index) => did('Seen', 0, { profileId: `p${index}` })));
    bench.broker.clear();
    bench.catalog.put(segmentOf('seen', { performed: 'Seen' }, HOUR));
    for (let round = 0; round < 4; round++) await Promise.all([1, 2, 3].map(() => bench.replica().backfill.round(at(HOUR), 10)));
    expect(bench.told()).toHaveLength(30);
    expect(new Set(bench.told().map(({ profileId }) => profileId)).size).toBe(30);
  });

  it('reaches the others where one profile fails, which is left to the clock', async () => {
    await bench.hear(...['ann', 'bob', 'cleo'].map((profileId) => did('Seen', 0, { profileId })));
    bench.broker.clear();
    bench.catalog.put(segmentOf('seen', { performed: 'Seen' }, HOUR));
    await bench.db.rows(`update segmentation.profile set segments = '7' where profile_id = 'bob'`);
    const { backfill, clock } = bench.replica();
    await backfill.round(at(HOUR));
    expect(bench.told()).toHaveLength(0);
    for (let round = 0; round < 3; round++) await clock.round(at(HOUR));
    expect(bench.told().map(({ profileId }) => profileId).toSorted()).toEqual(['ann', 'cleo']);
  });
});

describe('a segment that changes or goes', () => {
  it('is left by its members when it is archived', async () => {
    await bench.hear(identified({ plan: 'pro' }));
    bench.broker.clear();
    bench.catalog.put(segmentOf('pros', pros, HOUR, 'archived'));
    const { backfill, clock } = bench.replica();
    await backfill.round(at(HOUR));
    await clock.round(at(HOUR));
    expect(bench.lines()).toEqual(['segments 60 -pros']);
    expect(await members()).toEqual([]);
  });

  it('is not counted again when it only waits for longer', async () => {
    bench.catalog.put(segmentOf('buyers', buyers));
    await bench.hear(ordered(0, 20), ordered(HOUR, 20));
    bench.catalog.put(segmentOf('buyers', { ...buyers, withinLast: '3d' }, 2 * HOUR));
    await bench.hear(did('Seen', 3 * HOUR));
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1 +buyers', 'events/0 2']);
    const [row] = await bench.db.rows<{ due_at: string }>('select due_at from segmentation.profile');
    expect(Number(row?.due_at)).toBe(at(3 * DAY).getTime());
  });

  it('is left out when it is none, and stops no other', async () => {
    bench.catalog.put(segmentOf('broken', { all: [{ trait: 'plan' }] }));
    await bench.hear(identified({ plan: 'pro' }));
    expect(bench.lines()).toEqual(['events/0 0 +pros']);
  });
});

describe('a replica that has not heard of the newest segments', () => {
  // Definitions take seconds at most to reach everybody, by the clock on the wall: so this is about just now.
  const just = Date.now() - SECOND - at(0).getTime();
  const old = () => Catalog.of([workspaceOf('demo'), segmentOf('pros', pros)]);
  const missed = ordered(just, 20);
  const hearBehind = () => bench.replica(bench.broker, old()).handler.handle(bench.batch([missed]));
  const wake = () => bench.replica().clock.round(new Date(Date.now() + 5 * SECOND));

  it('takes nobody out of them, and what it misses is counted by the next that has', async () => {
    await bench.hear(ordered(just - HOUR, 20), ordered(just - HOUR, 20, 'bob'), ordered(just - HOUR, 20, 'bob'));
    publish(just);
    await bench.hear(did('Seen', just), did('Seen', just, { profileId: 'bob' }));
    expect(await segments()).toEqual({ ann: [], bob: ['buyers'] });
    bench.broker.clear();
    await hearBehind();
    expect(bench.told()).toMatchObject([{ entered: [], left: [] }]);
    await wake();
    expect(bench.told()[1]).toMatchObject({
      profileId: 'ann',
      entered: ['buyers'],
      cause: { source: 'segments', position: at(just).getTime() + 1 },
    });
    expect(bench.told()).toHaveLength(2);
  });

  it('takes a receipt for what they may ask for', async () => {
    const opened = (messageId: string) =>
      did('receipt', just, { type: 'receipt', receipt: { kind: 'opened', messageId, channel: 'email' } });
    bench.catalog.put(segmentOf('engaged', { message: 'opened', atLeast: 2 }, just));
    await bench.hear(opened('m1'));
    await bench.replica(bench.broker, old()).handler.handle(bench.batch([opened('m2')]));
    await wake();
    expect(bench.told().at(-1)).toMatchObject({ entered: ['engaged'], cause: { source: 'segments' } });
  });

  it('does not take away that somebody asked for a profile to be looked at', async () => {
    await bench.hear(ordered(just - HOUR, 20));
    publish(just);
    await bench.replica().backfill.round(new Date());
    await hearBehind();
    await wake();
    expect(bench.told().at(-1)).toMatchObject({ profileId: 'ann', entered: ['buyers'] });
  });
});
