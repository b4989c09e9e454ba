import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition, DefinitionRecord } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf, workspaceOf } from './bench.fixture.js';
import { MembersController } from './members.controller.js';
import { ProfileReading } from './profile-reading.store.js';
import { SegmentCatalog } from './segment-catalog.js';

const pros: Condition = { trait: 'plan', equals: 'pro' };
const buyers: Condition = { performed: 'Ordered', withinLast: '1h' };

const bench = benchOfSpec();
beforeEach(() => bench.reset());

/** A snapshot, as the definitions topic carries it. */
const snapshotOf = (id: string, where: Condition, afterMs: number, takenAfterMs?: number): DefinitionRecord => ({
  ...segmentOf(id, where, afterMs),
  kind: 'segment',
  body: { id, where, snapshot: true },
  ...(takenAfterMs !== undefined && { takenAt: at(takenAfterMs).toISOString() }),
});
const catchUp = async (afterMs: number) => {
  const { backfill, clock } = bench.replica();
  for (let round = 0; round < 3; round++) await backfill.round(at(afterMs + round * MINUTE));
  await clock.round(at(afterMs));
};
const members = async (segment: string) =>
  (await bench.db.rows<{ profile_id: string }>('select profile_id from segmentation.segment_member where segment = $1 order by 1', [segment])).map(
    ({ profile_id: id }) => id,
  );
const audit = (afterMs: number) => new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database)).audit('demo', { after: '', limit: 100 }, at(afterMs));
const pro = (profileId: string, afterMs = 0) => identified({ plan: 'pro' }, afterMs, { profileId, userId: profileId });
const free = (profileId: string, afterMs: number) => identified({ plan: 'free' }, afterMs, { profileId, userId: profileId });

describe('a snapshot', () => {
  it('is entered in the background by those who met its condition, and by nobody else later', async () => {
    await bench.hear(pro('ann'), free('bob', 0));
    bench.broker.clear();
    bench.catalog.put(snapshotOf('pros', pros, HOUR));
    await catchUp(HOUR);
    expect(bench.lines()).toEqual(['segments 60 +pros']);
    bench.broker.clear();
    await bench.hear(free('ann', 2 * HOUR), pro('bob', 2 * HOUR), pro('cleo', 2 * HOUR));
    await catchUp(3 * HOUR);
    expect(bench.told().map(({ entered, left }) => [...entered, ...left])).toEqual([[], [], []]);
    expect(await members('pros')).toEqual(['ann']);
    expect(await audit(3 * HOUR)).toMatchObject({ waiting: 0, differences: 0 });
  });

  it('is of its moment for those who are reached after they changed, or after something else was published', async () => {
    await bench.hear(pro('ann'), pro('bob'), free('cleo', 0));
    await bench.hear(did('Ordered', 0, { profileId: 'ann' }), did('Ordered', 0, { profileId: 'bob' }));
    bench.catalog.put(snapshotOf('pros', pros, HOUR - SECOND));
    bench.catalog.put(snapshotOf('buyers', buyers, HOUR - SECOND));
    await bench.hear(free('ann', HOUR), pro('cleo', HOUR), did('Ordered', HOUR, { profileId: 'cleo' }));
    await bench.hear(did('unsubscribed', HOUR, { profileId: 'bob', type: 'receipt', context: { consent: { email: false } } }));
    bench.catalog.put(segmentOf('else', pros, 3 * DAY));
    await catchUp(3 * DAY);
    expect([await members('pros'), await members('buyers')]).toEqual([['ann', 'bob'], ['ann', 'bob']]);
    expect(await audit(3 * DAY)).toMatchObject({ waiting: 0, differences: 0 });
  });

  it('goes on after a crash as if there had been none', async () => {
    const everybody = Array.from({ length: 25 }, (_, index) => `p${String(index).padStart(2, '0')}`);
    await bench.hear(...everybody.map((id) => pro(id)));
    bench.catalog.put(snapshotOf('pros', pros, HOUR));
    await bench.replica().backfill.round(at(HOUR), 10);
    await bench.hearAndDie(free('p20', 2 * HOUR));
    await bench.hear(free('p20', 2 * HOUR), free('p21', 2 * HOUR));
    for (let round = 0; round < 5; round++) await bench.replica().backfill.round(at(3 * HOUR + round * SECOND), 10);
    expect(await members('pros')).toEqual(everybody);
  });

  it('stays what it is for a replica that has not heard of it, and has nobody who was made there', async () => {
    const just = Date.now() - SECOND - at(0).getTime();
    await bench.hear(pro('ann', just - HOUR));
    bench.catalog.put(snapshotOf('pros', pros, just));
    await catchUp(just + SECOND);
    const old = bench.replica(bench.broker, Catalog.of([workspaceOf('demo')]));
    await old.handler.handle(bench.batch([free('ann', just + 1), pro('late', just + 1)]));
    await bench.db.rows('update segmentation.profile set wake_at = 0');
    await bench.replica().clock.round(new Date());
    expect(await members('pros')).toEqual(['ann']);
  });

  it('is left by those who are merged into others, who are then in it', async () => {
    await bench.hear(pro('old'), free('ann', 0), free('bob', 0));
    bench.catalog.put(snapshotOf('pros', pros, HOUR));
    await catchUp(HOUR);
    const alias = (userId: string, previousId: string) => did('alias', 2 * HOUR, { type: 'alias', profileId: userId, userId, properties: { previousId } });
    await bench.hear(alias('ann', 'old'));
    expect(await members('pros')).toEqual(['ann']);
    await bench.hear(alias('bob', 'ann'));
    expect(await members('pros')).toEqual(['bob']);
    expect(await audit(2 * HOUR)).toMatchObject({ differences: 0 });
  });

  it('stays with another name, is taken anew when it asks something else, and is left when it is archived', async () => {
    await bench.hear(pro('ann'), free('bob', 0));
    bench.catalog.put(snapshotOf('them', pros, HOUR));
    await catchUp(HOUR);
    await bench.hear(pro('bob', 2 * HOUR), pro('cleo', 2 * HOUR), free('ann', 2 * HOUR));
    bench.catalog.put(snapshotOf('them', pros, 3 * HOUR, HOUR));
    await catchUp(3 * HOUR);
    expect(await members('them')).toEqual(['ann']);
    bench.catalog.put(snapshotOf('them', { all: [pros] }, 4 * HOUR, 4 * HOUR));
    await catchUp(4 * HOUR);
    expect(await members('them')).toEqual(['bob', 'cleo']);
    bench.catalog.put({ ...snapshotOf('them', pros, 5 * HOUR), status: 'archived' });
    await catchUp(5 * HOUR);
    expect(await members('them')).toEqual([]);
    const rows = await bench.db.rows<{ counters: object }>('select counters from segmentation.profile');
    expect(rows.map(({ counters }) => counters)).toEqual([{}, {}, {}]);
  });

  it('counts on what segments kept before it, and leaves nothing that one after it could take for counted', async () => {
    const ordered = (profileId: string, afterMs: number) => did('Ordered', afterMs, { profileId });
    await bench.hear(ordered('ann', 0), did('Seen', 0, { profileId: 'bob' }));
    bench.catalog.put(segmentOf('before', buyers, SECOND));
    await catchUp(MINUTE);
    bench.catalog.put({ ...segmentOf('before', buyers, 2 * MINUTE), status: 'archived' });
    bench.catalog.put(snapshotOf('ordered', buyers, 2 * MINUTE));
    bench.catalog.put(snapshotOf('seen', { performed: 'Seen' }, 2 * MINUTE));
    await catchUp(3 * MINUTE);
    expect([await members('ordered'), await members('seen')]).toEqual([['ann'], ['bob']]);
    bench.catalog.put(segmentOf('after', { any: [buyers, { performed: 'Seen' }] }, 10 * MINUTE));
    await catchUp(11 * MINUTE);
    expect([await members('ordered'), await members('seen'), await members('after')]).toEqual([['ann'], ['bob'], ['ann', 'bob']]);
    expect(await audit(12 * MINUTE)).toMatchObject({ waiting: 0, differences: 0 });
  });

  it('shows its moment beside its members', async () => {
    await bench.hear(pro('ann'));
    bench.catalog.put(snapshotOf('pros', pros, 2 * HOUR, HOUR));
    bench.catalog.put(segmentOf('live', pros, HOUR));
    await catchUp(2 * HOUR);
    const api = new MembersController(new SegmentCatalog(bench.catalog), new ProfileReading(bench.db.database));
    expect(await api.members('demo', 'pros', {})).toEqual({ items: [{ profileId: 'ann' }], next: null, count: 1, takenAt: at(HOUR).toISOString() });
    expect(await api.members('demo', 'live', {})).not.toHaveProperty('takenAt');
  });

  it('is audited against what was written down when it was taken', async () => {
    await bench.hear(pro('ann'), pro('bob'), free('cleo', 0));
    bench.catalog.put(snapshotOf('pros', pros, HOUR));
    await catchUp(HOUR);
    await bench.db.rows(`update segmentation.profile set segments = '[]' where profile_id = 'bob'`);
    await bench.db.rows(`insert into segmentation.segment_member values ('demo', 'pros', 'cleo')`);
    const { segments } = await audit(2 * HOUR);
    expect(segments).toMatchObject([{ segment: 'pros', members: 2, missing: 1, extra: 1, profiles: ['bob', 'cleo'] }]);
  });
});
