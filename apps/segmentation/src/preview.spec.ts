import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition } from '@tidings/contracts';
import { Audiences } from './audience.js';
import { counted, estimated, ofShare } from './preview.js';
import { PreviewController } from './preview.controller.js';
import { PreviewStore } from './preview.store.js';
import { inShare } from './segmentation.schema.js';
import { Previewer } from './previewer.js';
import { SegmentCatalog } from './segment-catalog.js';
import { benchOfSpec, did, SECOND, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();

const preview = (where: unknown) => {
  const store = new PreviewStore(bench.db.database);
  const catalog = new SegmentCatalog(bench.catalog);
  return new PreviewController(catalog, new Previewer(store, new Audiences(store), catalog)).preview('demo', { where });
};
/** More profiles, every fourth of which has another plan. */
const fill = (count: number) =>
  bench.db.rows(
      `insert into segmentation.profile (workspace, profile_id, created_at, traits, devices, consent, identity, version, times, segments, counters, active_days, evaluated_at, revision, revised_at, known_at, partition)
       select 'demo', 'x' || n, now(), jsonb_build_object('plan', case when n % 4 = 0 then 'gold' else 'free' end), '[]', '{}', '{"ids":[],"refused":[]}', 1, '{"traits":{"latest":0,"other":{}},"consent":{},"place":0}', '[]', '{}', '', 0, '', 0, 0, 0
         from generate_series(1, $1) n`,
      [count],
  );
const ofPlan = (plan: string): Condition => ({ trait: 'plan', equals: plan });
const plans = ['free', 'pro', 'team'];

describe('the preview of a draft', () => {
  beforeEach(async () => {
    await bench.reset(
      segmentOf('buyers', { performed: 'Ordered' }),
      segmentOf('often', { performed: 'Ordered', atLeast: 2 }),
      segmentOf('pro', ofPlan('pro')),
    );
    // Every third is on each plan, every second has ordered, every fourth twice.
    const events = Array.from({ length: 24 }, (_none, n) => {
      const who = { profileId: `p${n}`, userId: `p${n}`, traits: { plan: plans[n % 3] as string } };
      return [did('Seen', 0, who), ...(n % 2 === 0 ? [did('Ordered', SECOND, who)] : []), ...(n % 4 === 0 ? [did('Ordered', 2 * SECOND, who)] : [])];
    }).flat();
    await bench.hear(...events);
    await bench.hear(did('Ordered', 0, { workspace: 'other' }));
  });

  it.each<[string, Condition, number, number[]]>([
    ['published segments', { all: [{ segment: 'buyers' }, { not: { segment: 'often' } }, { segment: 'pro' }] }, 2, [12, 6, 2]],
    ['published segments in a tree', { any: [{ segment: 'often' }, { all: [{ segment: 'pro' }, { not: { segment: 'buyers' } }] }] }, 10, [10]],
    ['those who are in none', { not: { any: [{ segment: 'buyers' }, { segment: 'pro' }] } }, 8, [8]],
    ['traits and history', { all: [{ performed: 'Ordered', exactly: 1 }, ofPlan('pro')] }, 2, [6, 2]],
    ['history and a segment', { all: [{ segment: 'buyers' }, { not: ofPlan('pro') }, { performed: 'Ordered', atMost: 1 }] }, 4, [12, 8, 4]],
    ['nobody', { all: [ofPlan('none'), { segment: 'buyers' }] }, 0, [0, 0]],
  ])('counts %s, and says how each clause cuts', async (_name, where, size, cut) => {
    const found = await preview(where);
    expect(found).toMatchObject({ size, low: size, high: size, method: 'exact', profiles: 24, sampled: 24 });
    expect(found.cut.map((each) => each.size)).toEqual(cut);
    expect(found.cut.at(-1)?.place).toBe('all' in where ? `where.all[${cut.length - 1}]` : 'where');
    expect(new Set(found.sample).size).toBe(Math.min(size, 10));
    bench.catalog.put(segmentOf('draft', where, 3 * SECOND));
    await bench.replica().backfill.round(new Date(Date.parse('2026-03-02T12:01:00Z')));
    while (await bench.replica().clock.round(new Date(Date.parse('2026-03-02T12:01:00Z'))));
    const members = await bench.db.rows<{ id: string }>(`select profile_id as id from segmentation.segment_member where segment = 'draft'`);
    expect(members).toHaveLength(size);
    expect(members.map(({ id }) => id)).toEqual(expect.arrayContaining([...found.sample]));
  });

  it.each([5_000, 120_000])('estimates what it would take long to count, of %d profiles', async (all) => {
    await fill(all - 24);
    await bench.db.rows('analyze segmentation.profile');
    const found = await preview({ all: [ofPlan('gold'), { not: { performed: 'Ordered' } }] });
    expect(found).toMatchObject({ method: 'estimated', sampled: 1_000 });
    expect(Math.abs(found.profiles / all - 1)).toBeLessThan(0.05);
    // Four times as wide as the interval: chance is not to fail a test.
    const truth = Math.floor((all - 24) / 4);
    expect(Math.abs(found.size - truth)).toBeLessThan(2 * (found.high - found.low));
    expect(found.high - found.low).toBeLessThan(all * 0.09);
    expect(found.low).toBeLessThan(found.size);
    expect(found.sample).toHaveLength(10);
  }, 60_000);

  it('estimates audiences of segments in a large workspace by the share, and counts the members of small ones', async () => {
    await fill(59_976);
    await bench.db.rows(
      `insert into segmentation.segment_member (workspace, segment, profile_id)
       select 'demo', segment, 'x' || n from generate_series(1, 59976) n, lateral unnest(case when n % 100 = 0 then '{buyers,pro}' when n % 3 = 0 then '{pro}' else '{}' end::text[]) segment`,
    );
    const rare = await preview({ all: [{ segment: 'pro' }, { segment: 'buyers' }] });
    expect(rare).toMatchObject({ size: 599 + 4, low: 603, high: 603, method: 'exact' });
    expect(rare.cut[0]?.low).toBeLessThan(rare.cut[0]?.high ?? 0);
    const some = await preview({ all: [{ segment: 'pro' }, { not: { segment: 'buyers' } }, { not: { segment: 'often' } }] });
    const truth = 19_793 + 4;
    expect(some).toMatchObject({ method: 'estimated', sampled: expect.any(Number) });
    expect(some.high - some.low).toBeLessThan(truth / 4);
    expect(Math.abs(some.size - truth)).toBeLessThan(2 * (some.high - some.low));
    expect(some.sample).toHaveLength(10);
    const others = await preview({ not: { any: [{ segment: 'pro' }, { segment: 'buyers' }] } });
    expect(Math.abs(others.size / 39_592 - 1)).toBeLessThan(0.2);
    expect(Math.abs(others.profiles / 60_000 - 1)).toBeLessThan(0.1);
  }, 60_000);

  it('looks into the share by its own indexes', async () => {
    await fill(20_000);
    await bench.db.rows('analyze segmentation.profile');
    const plan = await bench.db.database.transact({ workspaces: ['demo'] }, (tx) =>
      tx.query(`explain select count(*) from segmentation.profile p where workspace = $1 and merged_into is null and ${inShare}`, ['demo']),
    );
    expect(JSON.stringify(plan)).toContain('profile_share');
  });

  it('refuses what is no condition, and segments that are none', async () => {
    expect(() => preview({ all: [{ colour: 'red' }] })).toThrow(expect.objectContaining({ status: 422, extra: { problems: [expect.objectContaining({ place: 'where.all[0]' })] } }));
    expect(() => preview({ segment: 'gone' })).toThrow(expect.objectContaining({ status: 422 }));
    expect(() => preview(undefined)).toThrow(expect.objectContaining({ status: 422 }));
  });
});

describe('an estimate', () => {
  it.each([
    [0, { size: 0, low: 0, high: 3_827 }],
    [500, { size: 500_000, low: 469_069, high: 530_931 }],
    [1_000, { size: 1_000_000, low: 996_173, high: 1_000_000 }],
  ])('of %d in a sample of 1,000 has bounds', (count, expected) => {
    expect(estimated(count, 1_000, counted(1_000_000))).toEqual(expected);
  });

  it.each([
    [0, { size: 0, low: 0, high: 119 }],
    [4, { size: 128, low: 50, high: 325 }],
    [10_000, { size: 320_000, low: 313_886, high: 326_233 }],
  ])('of %d in a share of one in 32 has bounds', (count, expected) => {
    expect(ofShare(count, 32)).toEqual(expected);
  });
});
