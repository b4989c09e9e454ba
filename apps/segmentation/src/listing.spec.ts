import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition } from '@tidings/contracts';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { at, benchOfSpec, DAY, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';
import { SegmentCatalog } from './segment-catalog.js';

const vip: Condition = { listed: 'vip' };
const guests: Condition = { all: [{ segment: 'vip' }, { not: { listed: 'blocked' } }] };

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('vip', vip), segmentOf('guests', guests)));

const put = (listed: boolean, afterMs: number, change: Partial<AcceptedEvent> = {}, list = 'vip') =>
  did(list, afterMs, { type: 'listing', properties: { listed }, ...change });
const members = () => bench.db.rows('select segment, profile_id from segmentation.segment_member order by 1, 2');
const differences = async (afterMs: number) =>
  (await new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database)).audit('demo', { after: '', limit: 100 }, at(afterMs))).differences;

describe('a list', () => {
  it('makes members at once, and of those who were unknown profiles that say nothing', async () => {
    await bench.hear(did('Seen'), put(true, SECOND), put(true, SECOND, { profileId: 'bob', userId: 'bob' }));
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1 +guests +vip', 'events/0 2 +guests +vip']);
    expect(bench.told()[2]).toMatchObject({ profileId: 'bob', event: { type: 'listing', name: 'vip' }, profile: { traits: {}, version: 1 } });
    await bench.hear(put(true, 2 * SECOND, {}, 'blocked'), put(false, 3 * SECOND, { profileId: 'bob', userId: 'bob' }));
    expect(bench.lines().slice(3)).toEqual(['events/0 3 -guests', 'events/0 4 -guests -vip']);
    expect(await members()).toEqual([{ segment: 'vip', profile_id: 'ann' }]);
    expect(await differences(DAY)).toBe(0);
  });

  it('goes by the latest word, whichever is heard last or twice', async () => {
    const off = put(false, MINUTE);
    await bench.hear(off, put(true, 2 * MINUTE, { timestamp: at(0).toISOString() }));
    await bench.hear(off, put(true, 3 * MINUTE), off);
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1', 'events/0 3 +guests +vip']);
    expect(await differences(DAY)).toBe(0);
  });

  it('that no segment asks for changes nothing, and is counted when one does', async () => {
    await bench.reset(segmentOf('buyers', { performed: 'Ordered' }));
    await bench.hear(did('Seen'), put(true, SECOND), did('vip', SECOND));
    bench.catalog.put(segmentOf('vip', vip, HOUR));
    const { backfill, clock } = bench.replica();
    await backfill.round(at(HOUR));
    await clock.round(at(HOUR));
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1', 'events/0 2', 'segments 60 +vip']);
    expect(await differences(HOUR)).toBe(0);
  });

  it('is left by its members when the segment is archived, and has them again when it is published again', async () => {
    await bench.hear(put(true, 0));
    const round = async (afterMs: number, status: 'published' | 'archived') => {
      bench.catalog.put(segmentOf('vip', vip, afterMs, status));
      const { backfill, clock } = bench.replica();
      await backfill.round(at(afterMs));
      await clock.round(at(afterMs));
    };
    await round(HOUR, 'archived');
    await round(2 * HOUR, 'published');
    expect(bench.lines()).toEqual(['events/0 0 +guests +vip', 'segments 60 -guests -vip', 'segments 120 +guests +vip']);
  });

  it.each<[string, number, number, string[]]>([
    ['who was put on it before the other was taken off is not', 2, 1, []],
    ['who was put on it later is', 1, 2, ['guests', 'vip']],
  ])('of two who are one, %s', async (_, offAt, onAt, expected) => {
    const web = { profileId: 'anonymous:web', userId: null, anonymousId: 'web' };
    await bench.hear(put(true, onAt * MINUTE, web), put(false, offAt * MINUTE));
    await bench.hear(did('identify', HOUR, { type: 'identify', userId: 'ann', anonymousId: 'web' }));
    expect(bench.told().at(-1)).toMatchObject({ profileId: 'ann', profile: { segments: expected } });
    expect(await differences(DAY)).toBe(0);
  });
});
