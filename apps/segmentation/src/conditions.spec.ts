import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition } from '@tidings/contracts';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();

const passed = (other: number) => ({ latitude: other === 0 ? 41.15 : 41.2, longitude: -8.61 });
const isAt = (other: number) => ({ latitude: 48.5665, longitude: other === 0 ? 13.4312 : 14.4312 });

/** What Ann and Bob do before noon of the first day, Ann always a little more; the later is told first. */
const told: readonly AcceptedEvent[] = ['ann', 'bob'].flatMap((profileId, other) => {
  const who = { profileId };
  const ordered = (afterMs: number, total: number, sku: string) => did('Ordered', afterMs, { ...who, properties: { total, sku } });
  const reported = (afterMs: number, messageId: string, more: Partial<AcceptedEvent> = {}) =>
    did('receipt', afterMs, { ...who, type: 'receipt', receipt: { kind: 'opened', messageId, channel: 'email', journey: 'welcome', step: 'hello' }, ...more });
  const context = { device: { id: 'phone', type: 'ios', ...(other === 0 && { token: 'token-of-ann' }) }, timezone: 'Europe/Berlin', location: { country: 'DE', ...isAt(other) } };
  return [
    ordered(0, 0.2, 'mug'),
    ordered(-HOUR, other === 0 ? 0.1 : 0.2, other === 0 ? 'cup' : 'mug'),
    did('Viewed', -HOUR - (other === 0 ? 1 : -1), who),
    did('Viewed', -20 * DAY, { ...who, context: { location: { latitude: 41.2, longitude: -8.61 } } }),
    identified({}, -20 * MINUTE, { ...who, messageId: `passes-${profileId}`, context: { location: passed(other) } }),
    ...(other === 0 ? [did('Visited', -3 * DAY, who)] : [did('Visited', -50 * DAY, who), did('Visited', -3 * DAY, who)]),
    identified({ born: other === 0 ? '1990-03-05' : '1990-03-06', email: `${profileId}@example.com`, renews: '2026-03-04T12:00:00Z' }, 0, { ...who, context }),
    reported(-2 * HOUR, 'm1'),
    reported(-HOUR, other === 0 ? 'm2' : 'm1'),
    reported(-HOUR, 'm3', { receipt: { kind: 'unsubscribed', messageId: 'm3', channel: 'sms' }, ...(other === 0 && { context: { consent: { sms: false } } }) }),
  ];
}); // prettier-ignore

const forAnn: readonly (readonly [string, Condition])[] = [
  ['exactly', { performed: 'Visited', exactly: 1 }],
  ['at most', { performed: 'Visited', atMost: 1, withinLast: '90d' }],
  ['never since', { performed: 'Visited', never: true, between: ['2026-01-01', '2026-01-31'] }],
  ['a sum', { performed: 'Ordered', sum: 'total', value: { equals: 0.3 }, withinLast: '1d' }],
  ['an average', { performed: 'Ordered', average: 'total', value: { atMost: 0.15 } }],
  ['a minimum', { performed: 'Ordered', minimum: 'total', value: { lessThan: 0.2 }, withinLast: '30d' }],
  ['a maximum of some', { performed: 'Ordered', maximum: 'total', value: { lessThan: 0.2 }, where: [{ property: 'sku', startsWith: 'c' }] }],
  ['different values', { performed: 'Ordered', distinct: 'sku', value: { atLeast: 2 }, withinLast: '7d' }],
  ['a first time', { performed: 'Visited', firstTime: { withinLast: '30d' } }],
  ['a sequence', { sequence: [{ performed: 'Viewed' }, { performed: 'Ordered', where: [{ property: 'total', lessThan: 1 }] }, { performed: 'Ordered' }], within: '2h', withinLast: '1d' }],
  ['an engagement', { message: 'opened', atLeast: 2, journey: 'welcome', withinLast: '1d' }],
  ['a consent that a receipt took back', { consent: 'sms', is: 'declined' }],
  ['a device', { device: { platform: 'iOS', pushEnabled: true } }],
  ['a place', { place: { country: 'de', within: { latitude: 48.6, longitude: 13.4, km: 30 } } }],
  ['a border', { place: { entered: { latitude: 41.15, longitude: -8.61, km: 1 }, withinLast: '1h' } }],
  ['an anniversary', { trait: 'born', anniversary: { in: '3d' } }],
  ['a pattern', { trait: 'email', matches: '^ann@' }],
  ['a date', { trait: 'born', before: '1990-03-06' }],
  ['another segment', { all: [{ segment: 'exactly-0' }, { not: { segment: 'unknown' } }] }],
]; // prettier-ignore
const published = (afterMs: number) => [
  ...forAnn.map(([, where], index) => segmentOf(`condition-${index}`, where, afterMs)),
  segmentOf('exactly-0', { performed: 'Visited', exactly: 1 }, afterMs),
];
const members = async (profileId: string) => {
  const [row] = await bench.db.rows<{ segments: string[] }>(
    'select segments from segmentation.profile where profile_id = $1',
    [profileId],
  );
  return forAnn.filter((_, index) => row?.segments.includes(`condition-${index}`)).map(([name]) => name);
};

describe('every condition', () => {
  it('holds as events come', async () => {
    await bench.reset(...published(-60 * DAY));
    for (const event of told) await bench.hear(event);
    expect(await members('ann')).toEqual(forAnn.map(([name]) => name));
    expect(await members('bob')).toEqual([]);
  });

  it('holds of what was done before it was published', async () => {
    await bench.reset();
    await bench.hear(...told);
    for (const segment of published(MINUTE)) bench.catalog.put(segment);
    const { backfill, clock } = bench.replica();
    await backfill.round(at(MINUTE + SECOND));
    await clock.round(at(MINUTE + SECOND));
    expect(await members('ann')).toEqual(forAnn.map(([name]) => name));
    expect(await members('bob')).toEqual([]);
  });
});

describe('a trait that time alone changes', () => {
  it('enters and leaves at its own moments, and moves with the zone', async () => {
    await bench.reset(
      segmentOf('birthday', { trait: 'born', anniversary: {} }),
      segmentOf('renewing', { trait: 'renews', withinNext: '1d' }),
    );
    await bench.hear(identified({ born: '1990-03-04', renews: '2026-03-04T12:00:00Z' }));
    const minutes = (time: string) => (Date.parse(time) - at(0).getTime()) / MINUTE;
    await bench.pass(DAY - 1);
    expect(bench.lines()).toEqual(['events/0 0']);
    await bench.pass(DAY);
    expect(bench.lines().slice(1)).toEqual([`clock ${DAY / MINUTE} +renewing`]);
    await bench.hear(did('Seen', DAY + HOUR, { context: { timezone: 'Pacific/Kiritimati' } }));
    // There it has been the 4th for three hours.
    expect(bench.lines().slice(2)).toEqual(['events/0 1 +birthday']);
    await bench.pass(3 * DAY);
    expect(bench.lines().slice(3)).toEqual([
      `clock ${minutes('2026-03-04T10:00:00Z')} -birthday`,
      `clock ${minutes('2026-03-04T12:00:00Z')} -renewing`,
    ]);
  });
});

describe('a device that can be pushed to', () => {
  it('is gone when a provider says that its token is dead', async () => {
    await bench.reset(segmentOf('reachable', { device: { pushEnabled: true } }));
    await bench.hear(
      did('Seen', 0, { context: { device: { id: 'phone', type: 'ios', token: 'token-1' } } }),
      did('receipt', SECOND, {
        type: 'receipt',
        receipt: { kind: 'bounced', messageId: 'm-1', channel: 'push', endpoint: 'phone' },
        context: { device: { id: 'phone', token: 'token-1' } },
      }),
    );
    expect(bench.lines()).toEqual(['events/0 0 +reachable', 'events/0 1 -reachable']);
    expect(bench.told()[1]?.profile.devices).toMatchObject([{ id: 'phone', token: null }]);
  });
});

describe('segments that ask for themselves', () => {
  it('are left out, and the others are not', async () => {
    await bench.reset(
      segmentOf('a', { segment: 'b' }),
      segmentOf('b', { not: { segment: 'a' } }),
      segmentOf('c', { performed: 'Seen' }),
    );
    await bench.hear(did('Seen'));
    expect(bench.lines()).toEqual(['events/0 0 +c']);
  });
});
