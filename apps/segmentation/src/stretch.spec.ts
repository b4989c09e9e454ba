import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { at, benchOfSpec, did, HOUR, MINUTE, SECOND, segmentOf, workspaceOf } from './bench.fixture.js';
import { ProfileMap } from './profile-map.js';
import { SegmentCatalog } from './segment-catalog.js';
import type { SeenRow } from './stretch.store.js';

const bench = benchOfSpec();
beforeEach(() => bench.reset());

const twice: Condition = { performed: 'Ordered', atLeast: 2 };
const now = at(2 * HOUR);
const ordered = (profileId: string, afterMs = 0) => did('Ordered', afterMs, { profileId });
const news = () => new SegmentCatalog(bench.catalog).of('demo');
/** The rows of everybody who was not told yet, as they are read at first. */
const read = () => bench.replica().stretches.stale({ workspace: 'demo', cursor: '', last: 'z', revision: news().revision });
const change = (rows: readonly SeenRow[]) => {
  const { follower, stretches } = bench.replica();
  return stretches.change(rows, { workspace: 'demo', news: news(), now, planOf: () => follower.toNow(now, []).plan, isLate: () => false });
};
/** A replica that has not heard of what was published hears them. */
const hearUnaware = async (...events: Parameters<typeof bench.batch>[0]) => {
  await bench.replica(bench.broker, Catalog.of([workspaceOf('demo')])).handler.handle(bench.batch(events));
  bench.skip(events.length);
};
const members = async () => (await bench.db.rows<{ profile_id: string }>('select profile_id from segmentation.segment_member order by 1')).map(({ profile_id: id }) => id);
const toldOf = (segment: string) => bench.told().filter(({ entered }) => entered.includes(segment)).map(({ profileId }) => profileId).toSorted(); // prettier-ignore

/** Holds somebody's row until the answer is called. */
async function holding(profileId: string): Promise<() => Promise<void>> {
  const [taken, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = bench.db.database.transact({ workspaces: ['demo'] }, async (tx) => {
    await tx.query('select from segmentation.profile where profile_id = $1 for update', [profileId]);
    taken.resolve();
    await over.promise;
  });
  await taken.promise;
  return () => {
    over.resolve();
    return held;
  };
}
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}
const untilSomebodyWaits = () => eventually(async () => (await bench.db.rows('select from pg_locks l join pg_stat_activity a using (pid) where not granted and a.datname = current_database()')).length > 0); // prettier-ignore

describe('profiles that are followed a few at a time', () => {
  it('are followed as they are when their turn comes, whoever was heard since they were read', async () => {
    await bench.hear(...['ann', 'bob', 'cleo', 'dora'].map((id) => ordered(id)), ordered('ann', SECOND));
    bench.catalog.put(segmentOf('buyers', twice, HOUR));
    const rows = await read();
    await bench.hear(ordered('bob', HOUR + MINUTE));
    await hearUnaware(ordered('cleo', HOUR + MINUTE));
    expect(await change(rows)).toBe(0);
    expect(await members()).toEqual(['ann', 'bob', 'cleo']);
    expect(toldOf('buyers')).toEqual(['ann', 'bob', 'cleo']);
    expect(await read()).toEqual([]);
  });

  it('count what was said aside since they were read, which leaves their rows as they are', async () => {
    const opened = (profileId: string, messageId: string) =>
      did('receipt', 0, { profileId, userId: profileId, type: 'receipt', receipt: { kind: 'opened', messageId, channel: 'email' } });
    await bench.hear(ordered('aaron'), ordered('ann'), opened('ann', 'm1'));
    bench.catalog.put(segmentOf('engaged', { message: 'opened', atLeast: 2 }, HOUR));
    const rows = await read();
    const release = await holding('aaron');
    const changing = change(rows);
    await untilSomebodyWaits();
    await hearUnaware(opened('ann', 'm2'));
    await release();
    await changing;
    expect(await members()).toEqual(['ann']);
  });

  it('are left out when they are another’s by then, or gone', async () => {
    await bench.hear(...['ann', 'bob', 'anonymous:web'].map((id) => ordered(id)), ordered('anonymous:web', SECOND));
    bench.catalog.put(segmentOf('buyers', twice, HOUR));
    const rows = await read();
    await hearUnaware(did('identify', HOUR + MINUTE, { type: 'identify', profileId: 'ann', userId: 'ann', anonymousId: 'web' }));
    await bench.db.rows(`delete from segmentation.profile where profile_id = 'bob'`);
    await change(rows);
    expect(toldOf('buyers')).toEqual(['ann']);
    expect(await members()).toEqual(['ann']);
  });

  it('do not keep others waiting whose turn is over or yet to come', async () => {
    const ids = Array.from({ length: 300 }, (_none, n) => `p${String(n).padStart(3, '0')}`);
    await bench.hear(...ids.map((id) => ordered(id)), ...ids.map((id) => ordered(id, SECOND)));
    bench.catalog.put(segmentOf('buyers', twice, HOUR));
    const rows = await read();
    const release = await holding('p110');
    const changing = change(rows);
    await eventually(async () => (await members()).length === 100);
    await bench.hear(ordered('p010', 2 * HOUR), ordered('p299', 2 * HOUR));
    await release();
    await changing;
    expect(toldOf('buyers')).toEqual(ids);
  });
});

describe('a plan', () => {
  it('goes by the same segments from what is missing to what is decided', async () => {
    await bench.hear(ordered('ann'), ordered('ann', SECOND));
    bench.catalog.put(segmentOf('seers', { performed: 'Seen' }, HOUR));
    const before = news().revision;
    const { follower } = bench.replica();
    const profiles = ProfileMap.of(await read());
    const { plan } = follower.toNow(now, []);
    expect(plan.missing(profiles)).toHaveLength(1);
    bench.catalog.put(segmentOf('buyers', twice, HOUR + SECOND));
    plan.decide(profiles, new Map());
    expect(profiles.of({ workspace: 'demo', profileId: 'ann' })?.membership.revision).toBe(before);
  });
});
