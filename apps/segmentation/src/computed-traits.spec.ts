import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ProfileActivity } from '@tidings/contracts';
import { Audiences } from './audience.js';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf, traitOf } from './bench.fixture.js';
import { PreviewController } from './preview.controller.js';
import { PreviewStore } from './preview.store.js';
import { Previewer } from './previewer.js';
import { ProfileReading } from './profile-reading.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { shownProfile } from './shown-profile.js';

const bench = benchOfSpec();

const spent = traitOf({ id: 'spent', performed: 'Ordered', sum: 'total', withinLast: '7d' });
const quiet = traitOf({ id: 'quiet-for', performed: 'Ordered', daysSince: 'last' });
const orders = traitOf({ id: 'orders', performed: 'Ordered', count: true });

const ordered = (afterMs: number, total: number, profileId = 'ann') =>
  did('Ordered', afterMs, { properties: { total }, profileId, userId: profileId });
const told = (): readonly ProfileActivity['profile']['computed'][] => bench.told().map(({ profile }) => profile.computed);
const shown = async (profileId: string, afterMs: number) => {
  const row = await new ProfileReading(bench.db.database).profile({ workspace: 'demo', profileId });
  const segments = new SegmentCatalog(bench.catalog).of('demo');
  return row && shownProfile(row, { isTrusted: false, segments, now: at(afterMs).getTime() }).computed;
};
const audit = async (afterMs: number) => {
  const auditor = new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database));
  const { audited, differences } = await auditor.audit('demo', { after: '', limit: 100 }, at(afterMs));
  return { audited, differences };
};
const backfilled = async (afterMs: number) => {
  const { backfill, clock } = bench.replica();
  await backfill.round(at(afterMs));
  await clock.round(at(afterMs));
};

describe('computed traits', () => {
  beforeEach(() =>
    bench.reset(
      spent,
      quiet,
      segmentOf('spenders', { computed: 'spent', atLeast: 100 }),
      segmentOf('asleep', { computed: 'quiet-for', atLeast: 30 }),
    ),
  );

  it('are told with every activity, as of then, and move segments by events and by time alone', async () => {
    await bench.hear(ordered(0, 60), ordered(HOUR, 60));
    await bench.pass(7 * DAY + HOUR);
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1 +spenders', `clock ${(7 * DAY) / MINUTE} -spenders`]);
    await bench.pass(31 * DAY);
    expect(bench.lines()[3]).toBe(`clock ${(30 * DAY + HOUR) / MINUTE} +asleep`);
    expect(told()).toEqual([
      { spent: 60, 'quiet-for': 0 },
      { spent: 120, 'quiet-for': 0 },
      { spent: 60, 'quiet-for': 6 },
      { spent: 0, 'quiet-for': 30 },
    ]);
    expect(await audit(31 * DAY)).toEqual({ audited: 1, differences: 0 });
  });

  it('are shown as of now, and what has no value is not', async () => {
    await bench.hear(ordered(0, 60), identified({ plan: 'pro' }, 0, { profileId: 'bob' }));
    expect(await shown('ann', HOUR)).toEqual({ spent: 60, 'quiet-for': 0 });
    expect(await shown('ann', 8 * DAY)).toEqual({ spent: 0, 'quiet-for': 8 });
    expect(await shown('bob', HOUR)).toEqual({ spent: 0 });
  });

  it('that are published or changed are worked out from history, in the background, and not shown before', async () => {
    await bench.hear(ordered(0, 60), ordered(HOUR, 50), ordered(0, 1, 'bob'));
    bench.broker.clear();
    bench.catalog.put({ ...orders, publishedAt: at(2 * HOUR).toISOString() });
    bench.catalog.put(traitOf({ id: 'spent', performed: 'Ordered', sum: 'total', where: [{ property: 'total', lessThan: 60 }] }, 2 * HOUR, 2));
    expect(await shown('ann', 2 * HOUR)).toBeUndefined();
    await backfilled(2 * HOUR + SECOND);
    expect(bench.lines()).toEqual(['segments 120 -spenders']);
    expect(told()).toEqual([{ orders: 2, spent: 50, 'quiet-for': 0 }]);
    expect(await shown('bob', 3 * HOUR)).toEqual({ orders: 1, spent: 1, 'quiet-for': 0 });
    expect(await audit(3 * HOUR)).toEqual({ audited: 2, differences: 0 });
  });

  it('of a visitor are the person’s once both are known to be one', async () => {
    bench.catalog.put(orders);
    const visitor = { profileId: 'anonymous:web', userId: null, anonymousId: 'web', properties: { total: 70 } };
    await bench.hear(did('Ordered', 0, visitor), ordered(HOUR, 40));
    await bench.hear(did('Seen', 2 * HOUR, { anonymousId: 'web' }));
    expect(told().at(-1)).toEqual({ orders: 2, spent: 110, 'quiet-for': 0 });
    expect(bench.lines().at(-1)).toBe('events/0 2 +spenders');
    expect(await audit(2 * HOUR)).toEqual({ audited: 1, differences: 0 });
  });

  it('of days in a row go by the zone, whenever it is told, and end at its midnight', async () => {
    const streak = traitOf({ id: 'streak', performed: 'Learned', streak: 'days', freezeDays: 1 });
    await bench.reset(streak, segmentOf('learning', { computed: 'streak', atLeast: 2 }));
    const learned = (afterMs: number) => did('Learned', afterMs);
    const moved = (afterMs: number, timezone: string) => did('Seen', afterMs, { context: { timezone } });
    // Eleven at night, and half past midnight.
    await bench.hear(moved(0, 'America/Anchorage'), learned(20 * HOUR), learned(21.5 * HOUR));
    // Both on one afternoon.
    await bench.hear(moved(22 * HOUR, 'Asia/Kathmandu'));
    await bench.hear(moved(23 * HOUR, 'America/Anchorage'));
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1', 'events/0 2 +learning', 'events/0 3 -learning', 'events/0 4 +learning']);
    expect(told().map((values) => values?.['streak'])).toEqual([0, 1, 2, 1, 2]);
    await bench.pass(9 * DAY);
    // The fourth is forgiven, the fifth is not, and is over at nine in UTC.
    expect(bench.lines()[5]).toBe(`clock ${(3 * DAY + 21 * HOUR) / MINUTE} -learning`);
    expect(await audit(9 * DAY)).toEqual({ audited: 1, differences: 0 });
  });

  describe('that are a value of a property', () => {
    const first = traitOf({ id: 'first', performed: 'Viewed', first: 'sku' });
    const last = traitOf({ id: 'last', performed: 'Viewed', last: 'sku', withinLast: '2d' });
    const usual = traitOf({ id: 'usual', performed: 'Viewed', mostFrequent: 'sku', withinLast: '7d' });
    const likesHats = segmentOf('likes-hats', { computed: 'usual', equals: 'hat' });
    const viewed = (afterMs: number, sku: unknown, of: { readonly messageId?: string; readonly profileId?: string; readonly lateBy?: number } = {}) => {
      const { messageId, profileId = 'ann', lateBy = 0 } = of;
      return did('Viewed', afterMs, { properties: { sku }, profileId, userId: profileId, timestamp: at(afterMs - lateBy).toISOString(), ...(messageId && { messageId }) });
    };

    it('are told as texts, numbers and truth values, whatever comes late or twice, and change by time alone', async () => {
      await bench.reset(first, last, usual, likesHats);
      await bench.hear(viewed(HOUR, 'hat'), viewed(2 * HOUR, 7, { messageId: 'seven' }), viewed(3 * HOUR, 7, { messageId: 'seven' }));
      await bench.hear(viewed(4 * HOUR, true, { lateBy: 5 * HOUR }), viewed(5 * HOUR, 'hat', { lateBy: 4.5 * HOUR }), viewed(6 * HOUR, ['list']));
      expect(told()).toEqual([
        { first: 'hat', last: 'hat', usual: 'hat' },
        { first: 'hat', last: 7, usual: 7 },
        { first: true, last: 7, usual: 7 },
        { first: true, last: 7, usual: 'hat' },
        { first: true, last: 7, usual: 'hat' },
      ]);
      await bench.pass(8 * DAY);
      expect(bench.lines().slice(-2)).toEqual(['events/0 5', `clock ${(7 * DAY + 0.5 * HOUR) / MINUTE} -likes-hats`]);
      expect(told().at(-1)).toEqual({ first: true, usual: 7 });
      expect(await shown('ann', 8 * DAY)).toEqual({ first: true });
      expect(await audit(8 * DAY)).toEqual({ audited: 1, differences: 0 });
    });

    it('first in a window is another one when its hour has left that, whatever comes late, in the background and of both when two profiles are one', async () => {
      const opening = traitOf({ id: 'opening', performed: 'Viewed', first: 'sku', withinLast: '2d' });
      const withHats = segmentOf('began-with-hats', { computed: 'opening', equals: 'hat' });
      await bench.reset(opening, withHats);
      await bench.hear(viewed(HOUR, 'hat'), viewed(1.5 * HOUR, 'cap'), viewed(5 * HOUR, 'shoe'), viewed(5.5 * HOUR, 'hat'));
      await bench.pass(2 * DAY + 2 * HOUR);
      await bench.hear(viewed(2 * DAY + 3 * HOUR, 'hat', { lateBy: 2 * DAY - 1.5 * HOUR }));
      await bench.pass(3 * DAY);
      expect(bench.lines()).toEqual([
        'events/0 0 +began-with-hats', 'events/0 1', 'events/0 2', 'events/0 3',
        `clock ${(2 * DAY + 1.5 * HOUR) / MINUTE} -began-with-hats`,
        'events/0 4 +began-with-hats',
        `clock ${(2 * DAY + 4.5 * HOUR) / MINUTE} -began-with-hats`,
      ]); // prettier-ignore
      expect(told().map((values) => values?.['opening'])).toEqual(['hat', 'hat', 'hat', 'hat', 'shoe', 'hat', 'shoe']);
      expect(await audit(3 * DAY)).toEqual({ audited: 1, differences: 0 });

      await bench.reset(segmentOf('buyers', { performed: 'Ordered' }));
      const visitor = { profileId: 'anonymous:web', userId: null, anonymousId: 'web' };
      await bench.hear(did('Viewed', 0, { ...visitor, properties: { sku: 'hat' } }), viewed(HOUR, 'shoe'));
      for (const record of [opening, withHats]) bench.catalog.put({ ...record, publishedAt: at(3 * HOUR).toISOString() });
      bench.broker.clear();
      await backfilled(3 * HOUR + SECOND);
      expect(await shown('ann', 3 * HOUR)).toEqual({ opening: 'shoe' });
      expect(bench.lines()).toEqual(['segments 180 +began-with-hats']);
      await bench.hear(did('Seen', 4 * HOUR, { anonymousId: 'web' }));
      expect(told().at(-1)).toEqual({ opening: 'hat' });
      expect(await audit(4 * HOUR)).toEqual({ audited: 1, differences: 0 });
    });

    it('are worked out from history when they are published, and of both when two profiles are one', async () => {
      await bench.reset(segmentOf('buyers', { performed: 'Ordered' }));
      const visitor = { profileId: 'anonymous:web', userId: null, anonymousId: 'web' };
      await bench.hear(viewed(0, 'shoe'), viewed(HOUR, 'hat'), did('Viewed', 2 * HOUR, { ...visitor, properties: { sku: 'hat' } }));
      for (const record of [first, last, usual, likesHats]) bench.catalog.put({ ...record, publishedAt: at(3 * HOUR).toISOString() });
      bench.broker.clear();
      await backfilled(3 * HOUR + SECOND);
      expect(await shown('ann', 3 * HOUR)).toEqual({ first: 'shoe', last: 'hat', usual: 'hat' });
      // As the visitor they were in it still.
      await bench.hear(viewed(4 * HOUR, 'shoe'), did('Seen', 5 * HOUR, { anonymousId: 'web' }));
      expect(bench.lines()).toEqual(['segments 180 +likes-hats', 'segments 180 +likes-hats', 'events/0 3 -likes-hats', 'events/0 4 -likes-hats']);
      expect(told().at(-1)).toEqual({ first: 'shoe', last: 'shoe', usual: 'shoe' });
      expect(await audit(5 * HOUR)).toEqual({ audited: 1, differences: 0 });
    });
  });

  it('that nobody published are left out of what is told, and of what is shown', async () => {
    await bench.reset(segmentOf('buyers', { performed: 'Ordered' }));
    await bench.hear(ordered(0, 1));
    expect(bench.told()[0]?.profile).not.toHaveProperty('computed');
    expect(await shown('ann', 0)).toBeUndefined();
  });

  it('can be asked for in a draft', async () => {
    await bench.hear(ordered(0, 150), ordered(0, 50, 'bob'), did('Seen', 0, { profileId: 'cleo' }));
    const catalog = new SegmentCatalog(bench.catalog);
    const store = new PreviewStore(bench.db.database);
    const preview = (where: unknown) =>
      new PreviewController(catalog, new Previewer(store, new Audiences(store), catalog)).preview('demo', { where });
    expect(await preview({ computed: 'quiet-for', exists: true })).toMatchObject({ size: 2, method: 'exact' });
    expect(() => preview({ computed: 'gone', exists: true })).toThrow(expect.objectContaining({ status: 422 }));
  });
});
