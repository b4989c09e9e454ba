import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition } from '@tidings/contracts';
import { at, benchOfSpec, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const buyers: Condition = { performed: 'Ordered', atLeast: 2, withinLast: '2d' };

const bench = benchOfSpec();
beforeEach(() => bench.reset());

const ordered = (afterMs: number, profileId: string) => did('Ordered', afterMs, { profileId });
const publish = (afterMs: number) => bench.catalog.put(segmentOf('buyers', buyers, afterMs));
const segments = async () =>
  Object.fromEntries(
    (await bench.db.rows<{ profile_id: string; segments: string[] }>('select profile_id, segments from segmentation.profile')).map((row) => [row.profile_id, row.segments]),
  );
const members = () => bench.db.rows('select segment, profile_id from segmentation.segment_member order by 1, 2');

describe('what was counted before', () => {
  const round = (afterMs: number) => bench.replica().backfill.round(at(afterMs));
  const seenBy = { performed: 'Seen', atLeast: 3, withinLast: '2d' } as const;
  /** Makes an order of everybody's first event, behind the back of those who count. */
  const tampered = () =>
    bench.db.rows(`update segmentation.event_history set (name, event, counts_as) = (select name, event, counts_as from segmentation.event_history where name = 'Ordered' limit 1) where name = 'Seen'`);
  const begin = async () => {
    publish(0);
    await bench.hear(did('Seen', SECOND), did('Seen', 2 * SECOND), ordered(SECOND, 'bob'), ordered(2 * SECOND, 'bob'));
    for (let pass = 0; pass < 4; pass += 1) await round(MINUTE * (pass + 1));
    await tampered();
    bench.catalog.put(segmentOf('seers', seenBy, HOUR));
  };

  it('is not looked for again, also by a replica that was started since', async () => {
    await begin();
    await round(2 * HOUR);
    expect(await segments()).toEqual({ ann: [], bob: ['buyers'] });
  });

  it('is not looked for again by an event that comes first', async () => {
    await begin();
    const { handler, backfill } = bench.replica();
    // A step of nobody: the process knows of the segments, and has told none.
    await backfill.round(at(2 * HOUR), 0);
    await handler.handle(bench.batch([did('Left', 2 * HOUR)]));
    expect(await segments()).toEqual({ ann: [], bob: ['buyers'] });
  });

  it('is looked for where nobody knows what was counted', async () => {
    await begin();
    await bench.db.rows('delete from segmentation.revision');
    await round(2 * HOUR);
    expect(await segments()).toEqual({ ann: ['buyers'], bob: ['buyers'] });
  });

  it('is looked for in somebody who must be looked at anew', async () => {
    await begin();
    await bench.db.rows(`update segmentation.profile set revision = ''`);
    await round(2 * HOUR);
    expect(await segments()).toEqual({ ann: ['buyers'], bob: ['buyers'] });
  });

  it('is kept of segments that somebody may yet be held against, and of no others', async () => {
    const kept = async () => (await bench.db.rows(`select from segmentation.revision where workspace = 'demo'`)).length;
    await begin();
    expect(await kept()).toBe(1);
    await round(2 * HOUR);
    expect(await kept()).toBe(2);
    for (let pass = 0; pass < 4; pass += 1) await round(3 * HOUR + pass * MINUTE);
    expect(await kept()).toBe(1);
  });

  it('is no more than fifty sets, however often segments change before everybody was told', async () => {
    await begin();
    for (let n = 0; n < 55; n += 1) {
      bench.catalog.put(segmentOf('seers', { ...seenBy, atLeast: n + 4 }, 2 * HOUR + n));
      await bench.replica().backfill.round(at(3 * HOUR), 0);
    }
    expect(await bench.db.rows(`select from segmentation.revision where workspace = 'demo'`)).toHaveLength(50);
    await round(4 * HOUR);
    expect(await segments()).toEqual({ ann: [], bob: ['buyers'] });
  });

  it('goes through more than a few at once, and each is told once', async () => {
    await bench.hear(...Array.from({ length: 130 }, (_, n) => ordered(0, `p${n}`)), ...Array.from({ length: 130 }, (_, n) => ordered(1, `p${n}`)));
    bench.broker.clear();
    publish(HOUR);
    await round(2 * HOUR);
    expect(new Set(bench.told().map(({ profileId }) => profileId)).size).toBe(130);
    expect(bench.told()).toHaveLength(130);
    expect(await members()).toHaveLength(130);
  });
});
