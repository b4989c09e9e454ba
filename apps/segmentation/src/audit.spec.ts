import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { AuditController } from './audit.controller.js';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { SegmentCatalog } from './segment-catalog.js';
import { at, benchOfSpec, DAY, delivered, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();

const conditions: readonly Condition[] = [
  { trait: 'plan', equals: 'pro' },
  { performed: 'Ordered', atLeast: 3 },
  { performed: 'Ordered', atLeast: 2, withinLast: '5m' },
  { not: { performed: 'Ordered', withinLast: '2d' } },
  { performed: 'Ordered', sum: 'total', value: { atLeast: 3 }, withinLast: '1h' },
  { performed: 'Ordered', distinct: 'total', value: { atLeast: 2 }, withinLast: '30d' },
  { performed: 'Seen', lastTime: { withinLast: '3h' } },
  { sequence: [{ performed: 'Seen' }, { performed: 'Ordered' }], within: '1h', withinLast: '7d' },
  { all: [{ segment: 's1' }, { not: { segment: 's2' } }] },
  { performed: 'Ordered', exactly: 1, withinLast: '100d' },
  { message: 'ignored', after: '5m', withinLast: '2d' },
  { message: 'sent', exactly: 2, withinLast: '1h' },
  { place: { entered: { latitude: 41.15, longitude: -8.61, km: 1 }, withinLast: '5h' } },
  { place: { left: { latitude: 41.15, longitude: -8.61, km: 1 }, withinLast: '7d' } },
  { all: [{ listed: 'vip' }, { not: { segment: 's2' } }] },
];
const all = conditions.map((where, n) => segmentOf(`s${n}`, where));
const auditor = (): Auditor => new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database));
const audit = (afterMs: number, limit = 100) => auditor().audit('demo', { after: '', limit }, at(afterMs));
const found = async (afterMs: number) =>
  (await audit(afterMs)).segments
    .filter(({ missing, extra }) => missing + extra > 0)
    .map(({ segment, missing, extra, profiles }) => `${segment} -${missing} +${extra} ${profiles.join()}`);

/** What somebody does so long after the last, and how late it is told; `again` is told twice. */
const deed = fc.record({
  who: fc.constantFrom(['ann', null], ['bob', null], [null, 'web'], ['ann', 'web'], ['bob', 'phone'], [null, 'phone']),
  name: fc.constantFrom('Ordered', 'Ordered', 'Seen', 'identify', 'sent', 'sent', 'opened', 'vip'),
  total: fc.constantFrom(1, 2, 'many'),
  plan: fc.constantFrom('pro', 'free', undefined),
  latitude: fc.constantFrom(undefined, 41.15, 41.2),
  after: fc.oneof(fc.nat(10 * SECOND), fc.nat(10 * MINUTE), fc.nat(3 * DAY)),
  late: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(10 * MINUTE), fc.nat(40 * DAY)),
  queued: fc.constantFrom(0, 0, 5 * SECOND),
  then: fc.constantFrom('next', 'next', 'again', 'clock', 'publish', 'announce', 'audit'),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

const types: Readonly<Record<string, AcceptedEvent['type']>> = { identify: 'identify', opened: 'receipt', vip: 'listing' };

const eventOf = ({ who: [userId = null, anonymousId = null], name, total, plan, latitude, late, queued }: Deed, now: number): AcceptedEvent =>
  did(name, now - queued, {
    profileId: userId ?? `anonymous:${anonymousId}`,
    userId,
    anonymousId,
    type: types[name] ?? 'track',
    ...(name === 'opened' && { receipt: { kind: 'opened' as const, messageId: `m${total}`, channel: 'email' } }),
    timestamp: at(now - queued - late).toISOString(),
    properties: name === 'Ordered' ? { total } : name === 'vip' ? { listed: total === 1 } : {},
    traits: plan === undefined ? {} : { plan },
    context: latitude === undefined ? {} : { location: { latitude, longitude: -8.61 } },
  });

const snapshotOf = (id: string, where: Condition) => ({ ...segmentOf(id, where), kind: 'segment' as const, body: { id, where, snapshot: true as const } });
/** Segments by when they are published: of those that ask what was sent, some are there from the beginning, or later ones. */
const inTurn = [...all.slice(0, 5), ...all.slice(10, 11), ...all.slice(12), snapshotOf('t0', { performed: 'Seen' }), ...all.slice(5, 10), ...all.slice(11, 12), snapshotOf('t1', { any: [{ segment: 't0' }, { segment: 's3' }, { trait: 'plan', equals: 'pro' }] })];

async function walk(deeds: readonly Deed[], first: number): Promise<void> {
  await bench.reset(...inTurn.slice(0, first));
  const yetToCome = inTurn.slice(first);
  let now = 0;
  for (const each of deeds) {
    now += each.after;
    await happens(each, now);
    if (each.then === 'clock') while (await bench.pass(now));
    // Whoever does something before everybody was told is told then.
    if (each.then === 'publish' || each.then === 'announce') publish(yetToCome.shift(), now);
    if (each.then === 'publish') await toldAt(now);
    if (each.then === 'audit') expect(await found(now)).toEqual([]);
  }
  await toldAt(now);
  expect(await found(now)).toEqual([]);
  for (const later of [now + HOUR, now + 5 * DAY]) {
    while (await bench.pass(later));
    const { overdue, waiting, differences } = await audit(later);
    expect({ overdue, waiting, differences }).toEqual({ overdue: 0, waiting: 0, differences: 0 });
  }
}

function publish(segment: (typeof inTurn)[number] | undefined, now: number): void {
  if (segment !== undefined) bench.catalog.put({ ...segment, publishedAt: at(now).toISOString() });
}

async function toldAt(now: number): Promise<void> {
  await bench.replica().backfill.round(at(now));
  await bench.replica().clock.round(at(now));
}

/** Something that is heard; with `again` twice. */
async function happens(each: Deed, now: number): Promise<void> {
  const event = eventOf(each, now);
  const again = each.then === 'again';
  if (each.name !== 'sent') {
    await bench.hear(event);
    return again ? bench.hear(event, { ...event, timestamp: at(now).toISOString() }) : undefined;
  }
  const delivery = delivered(`m${each.total}`, now - each.queued, { profileId: event.profileId });
  await bench.hearSent(delivery, ...(again ? [delivery] : []));
}

describe('an audit', () => {
  it('finds nothing, whatever came late, twice, out of order, or turned out to be somebody else', async () => {
    const deeds = fc.array(deed, { minLength: 5, maxLength: 25 });
    await fc.assert(fc.asyncProperty(deeds, fc.constantFrom(5, 7, 10), walk), { numRuns: 30 });
  }, 120_000);

  it('counts once what those did who have several ids and stand between others, as publishing does', async () => {
    await bench.reset();
    const ordered = (profileId: string, change: Partial<AcceptedEvent> = {}) => did('Ordered', 0, { profileId, userId: profileId, ...change });
    await bench.hear(ordered('ann'), ordered('bob', { anonymousId: 'web' }), ordered('carl'));
    await bench.hear(did('Seen', 1, { profileId: 'anonymous:web', userId: null, anonymousId: 'web' }));
    bench.catalog.put(segmentOf('once', { performed: 'Ordered', exactly: 1 }, SECOND));
    await bench.replica().backfill.round(at(2 * SECOND));
    const members = await bench.db.rows<{ profile_id: string }>('select profile_id from segmentation.segment_member order by profile_id');
    expect(members.map(({ profile_id: id }) => id)).toEqual(['ann', 'bob', 'carl']);
    expect(await found(2 * SECOND)).toEqual([]);
  });

  it('names the profiles whose rows were changed by hand, in either place', async () => {
    await bench.reset(...all);
    for (const profileId of ['ann', 'bob', 'eve', 'moe'])
      await bench.hear(did('Ordered', 0, { profileId, userId: profileId, traits: { plan: 'pro' } }));
    expect(await found(0)).toEqual([]);
    await bench.db.rows(`update segmentation.profile set segments = segments - 's0' where profile_id = 'bob'`);
    await bench.db.rows(`delete from segmentation.segment_member where segment = 's0' and profile_id = 'eve'`);
    await bench.db.rows(`insert into segmentation.segment_member values ('demo', 's3', 'moe'), ('demo', 's3', 'nobody'), ('demo', 'unheard', 'zoe')`);
    expect(await found(0)).toEqual(['s0 -2 +0 bob,eve', 's3 -0 +2 moe,nobody', 'unheard -0 +1 zoe']);
    const s0 = (await audit(0)).segments.find(({ segment }) => segment === 's0');
    expect(s0).toMatchObject({ members: 4, missing: 2, extra: 0 });
  });

  it('finds what a lost event and a missed moment leave behind', async () => {
    await bench.reset(...all);
    await bench.hear(did('Ordered'), did('Ordered', SECOND));
    expect(await found(2 * SECOND)).toEqual([]);
    await bench.db.rows(`update segmentation.profile set due_at = null, wake_at = null`);
    expect(await found(3 * DAY)).toEqual(['s2 -0 +1 ann', 's3 -1 +0 ann']);
    // What the runbook says.
    await bench.db.rows(`update segmentation.profile set revision = '', counters = '{}', wake_at = 0`);
    await bench.pass(3 * DAY);
    expect(await found(3 * DAY)).toEqual([]);
    await bench.reset(...all);
    await bench.hear(did('Ordered'), did('Ordered', SECOND), did('Ordered', 2 * SECOND));
    await bench.db.rows(`update segmentation.event_history set name = 'Seen' where happened_at = $1`, [at(SECOND).getTime()]);
    expect(await found(3 * SECOND)).toContain('s1 -0 +1 ann');
  });

  it('sees each profile at one moment, while events go on', async () => {
    await bench.reset(...all);
    await bench.hear(did('Seen'));
    const state = { done: false };
    const heard = (async () => {
      for (let n = 0; n < 60; n += 1) await bench.hear(did('Ordered', n, { properties: { total: n } }), did('Seen', n));
      state.done = true;
    })();
    let audits = 0;
    for (; !state.done; audits += 1) expect(await found(MINUTE)).toEqual([]);
    await heard;
    expect(audits).toBeGreaterThan(0);
  });

  it('calls no difference what history cannot tell any more, and says how many there are', async () => {
    await bench.reset(...all);
    await bench.hear(did('Ordered'), did('Ordered'), did('Ordered'));
    await bench.db.rows('delete from segmentation.event_history');
    expect(await found(SECOND)).toContain('s1 -0 +1 ann');
    await bench.db.rows(`update segmentation.profile set created_at = created_at - interval '500 days'`);
    expect((await found(SECOND)).join()).not.toMatch('s1');
    expect((await audit(SECOND)).segments.find(({ segment }) => segment === 's1')).toMatchObject({ members: 1, unproven: 1 });
  });

  it('holds nobody against segments that they were not told of yet', async () => {
    await bench.reset(...all.slice(0, 3));
    await bench.hear(did('Ordered'));
    bench.catalog.put(segmentOf('s9', conditions[9] as Condition, MINUTE));
    expect(await audit(MINUTE)).toMatchObject({ audited: 1, waiting: 1, differences: 0 });
  });

  it('goes on where it was, and a sample looks at somebody', async () => {
    await bench.reset(...all);
    for (const profileId of ['a', 'b', 'c']) await bench.hear(did('Ordered', 0, { profileId, userId: profileId }));
    const api = new AuditController(auditor());
    const first = await api.audit('demo', { limit: '2' });
    expect(first).toMatchObject({ items: [{ audited: 2, profiles: 3 }] });
    const second = await api.audit('demo', { limit: '2', after: first.next ?? '' });
    expect(second).toMatchObject({ items: [{ audited: 1, profiles: null }], next: null });
    expect((await auditor().sample('demo', 2, at(0))).audited).toBeGreaterThan(0);
    expect(await auditor().audit('other', { after: '', limit: 5 }, at(0))).toMatchObject({ audited: 0, differences: 0 });
  });
});
