import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition, ProfileActivity } from '@tidings/contracts';
import { benchOfSpec, did, HOUR, identified, MINUTE, segmentOf } from './bench.fixture.js';

const regulars: Condition = { performed: 'Ordered', atLeast: 2, withinLast: '1h' };
const lapsed: Condition = { all: [{ performed: 'Ordered' }, { not: { performed: 'Ordered', withinLast: '2h' } }] };

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('regulars', regulars), segmentOf('lapsed', lapsed)));

/** Everything that is stored. */
const stored = (): Promise<unknown> =>
  Promise.all([
    bench.db.rows('select * from segmentation.profile order by profile_id'),
    bench.db.rows('select * from segmentation.segment_member order by segment, profile_id'),
    bench.db.rows('select * from segmentation.event_history order by profile_id, message_id'),
    bench.db.rows('select next_offset from segmentation.kafka_position'),
  ]);

const causes = (told: readonly ProfileActivity[]): string[] => [
  ...new Set(told.map(({ cause }) => JSON.stringify(cause))),
];
const batch = [did('Ordered'), identified({ plan: 'pro' }), did('Ordered'), did('Ordered', 5, { profileId: 'bob' })];

describe('a crash between publishing and storing', () => {
  it('of a batch: the replay tells the same, and leaves the rows that a quiet life leaves', async () => {
    await bench.hear(...batch);
    const quiet = { told: bench.told(), rows: await stored() };

    await bench.reset(segmentOf('regulars', regulars), segmentOf('lapsed', lapsed));
    await bench.hearAndDie(...batch);
    const first = bench.told();
    bench.broker.clear();
    await bench.hear(...batch);
    expect(first).toEqual(quiet.told);
    expect(bench.told()).toEqual(quiet.told);
    expect(await stored()).toEqual(quiet.rows);
  });

  it('of a round of the clock: the next tells the same', async () => {
    await bench.hear(...batch);
    bench.broker.clear();
    await bench.passAndDie(61 * MINUTE);
    await bench.pass(3 * HOUR);
    const [first, second, third] = bench.lines();
    expect([first, second, third]).toEqual(['clock 60 -regulars', 'clock 60 -regulars', 'clock 120 +lapsed']);
    expect(bench.told()[1]).toEqual(bench.told()[0]);
  });

  it('then a wake of the same profile, then the replay: each cause once, and no segment entered under two', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    bench.broker.clear();
    // Time alone took Ann out at 60 and in at 120 minutes; the event found both undone, told them, and was lost.
    const order = did('Ordered', 3 * HOUR);
    await bench.hearAndDie(order);
    const lost = bench.lines();
    await bench.pass(3 * HOUR);
    await bench.hear(order);
    expect(lost).toEqual(['clock 60 -regulars', 'clock 120 +lapsed', 'events/0 2 -lapsed']);
    expect(bench.lines().slice(3)).toEqual(lost);
    expect(causes(bench.told())).toHaveLength(3);
    // To a reader who ignores causes it heard before, Ann's way is the same as without the crash.
    expect(
      bench
        .told()
        .slice(3)
        .map(({ profile }) => profile),
    ).toEqual(
      bench
        .told()
        .slice(0, 3)
        .map(({ profile }) => profile),
    );
  });

  it('of a batch after its wake was told: a wake that comes before the replay does not tell it again', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    bench.broker.clear();
    const seen = did('Seen', 30 * MINUTE);
    await bench.hearAndDie(seen);
    await bench.pass(90 * MINUTE);
    await bench.hear(seen);
    expect(bench.lines()).toEqual(['events/0 2', 'clock 60 -regulars', 'events/0 2']);
    expect(bench.told().map(({ profile: { version, segments } }) => [version, segments])).toEqual([
      [3, ['regulars']],
      [3, []],
      [4, []],
    ]);
  });
});
