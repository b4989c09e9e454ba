import type { Person } from '@tidings/condition';
import type { ComputedTraitDefinition, Condition, Values } from '@tidings/contracts';
import fc from 'fast-check';

const SECOND = 1_000;
/** A minute in ms. */
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday noon. */
export const start = Date.parse('2026-03-02T12:00:00Z');

const big = [{ property: 'total', greaterThan: 50 }];
const berlin = { latitude: 52.52, longitude: 13.4, km: 20 };
/** Conditions of every kind; the one at a place is that of the segment `segment-<place>`. */
export const pool: readonly Condition[] = [
  { trait: 'plan', equals: 'pro' },
  { not: { trait: 'plan', exists: true } },
  { performed: 'Ordered' },
  { performed: 'Ordered', atLeast: 3, withinLast: '5m' },
  { performed: 'Ordered', atLeast: 2, withinLast: '1d' },
  { performed: 'Ordered', withinLast: '30d' },
  { performed: 'Ordered', atLeast: 4, withinLast: '90d' },
  { performed: 'Ordered', atLeast: 2, withinLast: '100d' },
  { performed: 'Ordered', atLeast: 2, where: big },
  { performed: 'Ordered', atLeast: 2, withinLast: '2d', where: big },
  { not: { performed: 'Visited', withinLast: '7d' } },
  { all: [{ performed: 'Ordered' }, { not: { performed: 'Ordered', withinLast: '60d' } }] },
  {
    any: [
      {
        all: [
          { trait: 'plan', equals: 'pro' },
          { performed: 'Visited', withinLast: '2h' },
        ],
      },
      { performed: 'Ordered', atLeast: 9 },
    ],
  },
  { performed: 'Ordered', never: true, withinLast: '3d' },
  { performed: 'Ordered', atMost: 2, withinLast: '1d' },
  { performed: 'Ordered', exactly: 2, withinLast: '30d' },
  { performed: 'Ordered', atLeast: 1, atMost: 3, withinLast: '100d' },
  { performed: 'Ordered', atLeast: 2, since: '2026-03-02T12:00:30Z' },
  { performed: 'Visited', exactly: 1, between: ['2026-02-20', '2026-03-10'] },
  { performed: 'Ordered', sum: 'total', value: { atLeast: 100.3 }, withinLast: '1d' },
  { performed: 'Ordered', sum: 'total', value: { lessThan: 0 }, withinLast: '30d' },
  { performed: 'Ordered', sum: 'total', value: { equals: 0.3 } },
  { performed: 'Ordered', average: 'total', value: { between: [10, 60] }, withinLast: '30d' },
  { performed: 'Ordered', average: 'total', value: { exists: false }, withinLast: '10m' },
  { performed: 'Ordered', minimum: 'total', value: { greaterThan: 5 }, withinLast: '100d' },
  {
    performed: 'Ordered',
    maximum: 'total',
    value: { atMost: 50 },
    withinLast: '5h',
    where: [{ property: 'total', notEquals: 10 }],
  },
  { performed: 'Ordered', distinct: 'item', value: { equals: 2 }, withinLast: '1d' },
  { performed: 'Ordered', distinct: 'item', value: { atLeast: 3 }, withinLast: '90d' },
  { performed: 'Ordered', distinct: 'item', value: { atMost: 2 } },
  { performed: 'Ordered', firstTime: { withinLast: '40d' }, lastTime: { before: '2026-05-01' } },
  { performed: 'Visited', lastTime: { withinLast: '2h' } },
  { performed: 'Ordered', firstTime: { after: '2026-03-02T12:00:10Z' } },
  { sequence: [{ performed: 'Visited' }, { performed: 'Ordered' }] },
  { sequence: [{ performed: 'Visited' }, { performed: 'Ordered', where: big }], within: '1h', withinLast: '7d' },
  {
    sequence: [{ performed: 'Ordered' }, { performed: 'Visited' }, { performed: 'Ordered' }],
    within: '3d',
    without: [{ performed: 'Cancelled' }],
  },
  {
    sequence: [{ performed: 'Ordered' }, { performed: 'Ordered' }],
    without: [{ performed: 'Visited', where: big }],
    withinLast: '2h',
  },
  { message: 'opened', withinLast: '7d' },
  { message: 'opened', atLeast: 2, journey: 'welcome' },
  { message: 'clicked', atLeast: 2, channel: 'email', withinLast: '3h' },
  { trait: 'born', anniversary: { in: '3d' } },
  { all: [{ trait: 'born', anniversary: {} }, { not: { performed: 'Ordered', withinLast: '10d' } }] },
  { trait: 'renews', withinNext: '3d' },
  { trait: 'renews', withinLast: '36h', after: '2026-03-04' },
  { trait: 'born', before: '2026-03-09' },
  { device: { platform: 'ios', pushEnabled: true } },
  { consent: 'email', is: 'declined' },
  { bucket: { percent: 50, salt: 'x' } },
  { segment: 'segment-5' },
  { all: [{ not: { segment: 'segment-30' } }, { segment: 'segment-47' }] },
  {
    any: [
      { segment: 'segment-48' },
      { segment: 'segment-41' },
      { all: [{ segment: 'segment-36' }, { trait: 'plan', equals: 'pro' }] },
    ],
  },
  { message: 'sent', atLeast: 3, withinLast: '7d' },
  { message: 'sent', atMost: 1, withinLast: '2h', channel: 'email' },
  { message: 'delivered', never: true, withinLast: '90d' },
  { message: 'opened', exactly: 2 },
  { message: 'ignored' },
  { message: 'ignored', atLeast: 2, after: '2h', withinLast: '3d' },
  { message: 'ignored', exactly: 1, after: '20d', journey: 'welcome', withinLast: '90d' },
  { message: 'ignored', never: true, after: '5m', withinLast: '1d' },
  { any: [{ place: { country: ['AT', 'DE'] } }, { place: { within: { latitude: 52, longitude: 13, km: 100 } } }] },
  { place: { entered: berlin, withinLast: '1h' } },
  { place: { left: berlin, withinLast: '2d' } },
  { place: { entered: { latitude: -17, longitude: 179.9, km: 50 }, withinLast: '40d' } },
  { all: [{ place: { entered: berlin, withinLast: '3h' } }, { not: { place: { left: berlin, withinLast: '3h' } } }] },
  { listed: 'vip' },
  { all: [{ not: { listed: 'blocked' } }, { performed: 'Ordered', withinLast: '7d' }] },
  { group: { trait: 'plan', equals: 'pro' } },
  { group: { trait: 'renews', withinNext: '3d', where: [{ trait: 'plan', notEquals: 'free' }] } },
  { not: { group: { trait: 'born', anniversary: { in: '3d' } } } },
  { performed: 'Ordered', atLeast: 2, withinLast: '400d' },
  { performed: 'Ordered', sum: 'total', value: { atLeast: 100 }, withinLast: '60w' },
  { not: { place: { within: berlin } } },
  { all: [{ place: { within: { latitude: 89.9, longitude: 0, km: 30 } } }, { trait: 'plan', equals: 'pro' }] },
];

/** Computed traits of every kind, some of them counted like conditions of the pool. */
export const computedTraits: readonly ComputedTraitDefinition[] = [
  { id: 'orders', performed: 'Ordered', count: true },
  { id: 'orders-of-a-day', performed: 'Ordered', count: true, withinLast: '1d' },
  { id: 'orders-of-a-month', performed: 'Ordered', count: true, withinLast: '30d' },
  { id: 'spent', performed: 'Ordered', sum: 'total', withinLast: '30d' },
  { id: 'usual', performed: 'Ordered', average: 'total', where: big },
  { id: 'least', performed: 'Ordered', minimum: 'total', withinLast: '100d' },
  { id: 'most', performed: 'Ordered', maximum: 'total', withinLast: '2h' },
  { id: 'items', performed: 'Ordered', distinct: 'item', withinLast: '90d' },
  { id: 'first-item', performed: 'Ordered', first: 'item' },
  { id: 'first-item-of-big', performed: 'Visited', first: 'item', where: big },
  { id: 'first-item-of-a-day', performed: 'Ordered', first: 'item', withinLast: '1d' },
  { id: 'first-item-of-a-month', performed: 'Ordered', first: 'item', withinLast: '30d', where: big },
  { id: 'first-item-of-months', performed: 'Ordered', first: 'item', withinLast: '100d' },
  { id: 'last-item', performed: 'Ordered', last: 'item' },
  { id: 'last-item-of-a-while', performed: 'Ordered', last: 'item', withinLast: '50h' },
  { id: 'usual-item', performed: 'Ordered', mostFrequent: 'item' },
  { id: 'usual-item-of-a-day', performed: 'Ordered', mostFrequent: 'item', withinLast: '1d' },
  { id: 'usual-item-of-a-month', performed: 'Ordered', mostFrequent: 'item', withinLast: '30d', where: big },
  { id: 'usual-item-of-months', performed: 'Ordered', mostFrequent: 'item', withinLast: '100d' },
  { id: 'days-since', performed: 'Ordered', daysSince: 'last' },
  { id: 'streak', performed: 'Ordered', streak: 'days' },
  { id: 'streak-frozen', performed: 'Ordered', streak: 'days', freezeDays: 2 },
  { id: 'streak-of-some', performed: 'Visited', streak: 'days', freezeDays: 1, where: big },
  { id: 'days-since-late', performed: 'Visited', daysSince: 'last', withinLast: '60h', where: big },
];

/** Conditions on them; the one at a place is that of the segment `computed-<place>`. */
export const computedPool: readonly Condition[] = [
  { computed: 'orders', between: [2, 4] },
  { computed: 'orders-of-a-day', equals: 2 },
  { computed: 'orders-of-a-day', oneOf: [0, 3], notEquals: 4 },
  { computed: 'orders-of-a-month', lessThan: 2.5, exists: true },
  { computed: 'spent', greaterThan: 100.2 },
  { computed: 'usual', exists: false },
  { computed: 'least', atMost: 10 },
  { computed: 'most', notEquals: 100 },
  { computed: 'items', atLeast: 2, startsWith: '2' },
  { computed: 'items', atLeast: 2 },
  { computed: 'days-since', atLeast: 2, lessThan: 5.5 },
  { computed: 'days-since', oneOf: [0, 3, 40, 1e300] },
  { computed: 'days-since-late', exists: true },
  { computed: 'days-since-late', equals: 1 },
  { all: [{ not: { computed: 'days-since', greaterThan: 1 } }, { computed: 'orders-of-a-day', atLeast: 1 }] },
  { computed: 'streak', atLeast: 1 },
  { computed: 'streak', equals: 0 },
  { computed: 'streak-frozen', oneOf: [2, 4, 5] },
  { computed: 'streak-frozen', atLeast: 1 },
  { computed: 'streak-of-some', greaterThan: 1 },
  { computed: 'nobody-knows', equals: null },
  { computed: 'first-item', oneOf: ['a', 1, true] },
  { computed: 'first-item-of-big', exists: true },
  { computed: 'last-item', equals: 'b' },
  { computed: 'last-item', withinNext: '4d' },
  { computed: 'last-item', before: '2026-03-12' },
  { computed: 'last-item-of-a-while', notEquals: 'a', exists: true },
  { computed: 'last-item-of-a-while', withinLast: '60h' },
  { computed: 'usual-item', startsWith: 'a' },
  { computed: 'usual-item', anniversary: { in: '2d' } },
  { computed: 'usual-item-of-a-day', equals: 1 },
  { computed: 'usual-item-of-a-month', atLeast: 1 },
  { computed: 'usual-item-of-months', oneOf: ['a', '1'] },
  { computed: 'usual-item-of-months', withinLast: '20d' },
  { computed: 'first-item-of-a-day', oneOf: ['a', '1'] },
  { computed: 'first-item-of-a-day', withinLast: '60h' },
  { computed: 'first-item-of-a-month', exists: false },
  { computed: 'first-item-of-months', notEquals: 'a' },
  { computed: 'first-item-of-months', withinNext: '4d' },
];

/** What may happen to a profile. */
export type Action =
  | {
      readonly do: 'event';
      readonly heard: 'performed';
      readonly name: string;
      readonly total: unknown;
      readonly item: unknown;
      readonly lateBy: number;
      readonly queuedFor: number;
    }
  | {
      readonly do: 'receipt';
      readonly name: string;
      readonly message: number;
      readonly lateBy: number;
      readonly queuedFor: number;
    }
  | {
      readonly do: 'point';
      readonly point: { readonly latitude: number; readonly longitude: number };
      readonly lateBy: number;
      readonly queuedFor: number;
    }
  | {
      readonly do: 'list';
      readonly name: string;
      readonly listed: boolean;
      readonly lateBy: number;
      readonly queuedFor: number;
    }
  | { readonly do: 'identify'; readonly traits: Values }
  | { readonly do: 'change'; readonly person: Partial<Person> }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'wait-until-due'; readonly offset: number }
  | { readonly do: 'publish'; readonly which: readonly number[] };

const span = fc.oneof(
  fc.integer({ min: 0, max: 10 * MINUTE }),
  fc.integer({ min: 0, max: 2 * DAY }),
  fc.integer({ min: 0, max: 110 * DAY }),
  fc.integer({ min: 0, max: 450 * DAY }),
);
const often = fc.constantFrom(0, 0, 0, 1, SECOND, 90 * SECOND);
const date = (days: number) => new Date(start + days * DAY).toISOString();
const day = fc.integer({ min: -5, max: 60 });
const traits = fc.record(
  {
    plan: fc.constantFrom('pro', 'free'),
    born: fc.oneof(
      day.map((days) => date(days).slice(0, 10)),
      fc.constantFrom('1992-02-29', 'long ago'),
    ),
    renews: fc.oneof(
      day.map((days) => date(days)),
      day.map((days) => date(days).slice(0, 10)),
    ),
  },
  { requiredKeys: [] },
);
/** In Berlin, at its edge, far from it, and on both sides of the 180th meridian. */
const point = fc.constantFrom(
  { latitude: 52.52, longitude: 13.4 },
  { latitude: 52.4, longitude: 13.06 },
  { latitude: 48.57, longitude: 13.43 },
  { latitude: -17, longitude: 179.9 },
  { latitude: -17, longitude: -179.9 },
);
const aspects: fc.Arbitrary<Partial<Person>> = fc.oneof(
  fc.record({ timezone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati', 'Nowhere', null) }),
  fc.record({ place: fc.constantFrom(null, { area: { country: 'DE', at: date(0) } }, ...[[52.5, 13.4], [52.4, 13.06], [89.95, -179], [48.57, 13.43]].map(([latitude = 0, longitude = 0]) => ({ point: { latitude, longitude, cell: '', at: date(0) } }))) }),
  fc.record({ consent: fc.constantFrom({}, { email: true }, { email: false }) }),
  fc.record({ devices: fc.constantFrom([], [{ type: 'iOS', token: 't' }], [{ type: 'ios', token: null }]) }),
  fc.record({ groups: fc.array(fc.record({ traits }), { maxLength: 3 }) }),
);
/** Anything that may happen, in any order, early and late. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('event'), heard: fc.constant('performed'), name: fc.constantFrom('Ordered', 'Ordered', 'Visited', 'Cancelled', 'Else'), total: fc.constantFrom(10, 100, 0.1, 0.1, 0.2, -20, 'many', null), item: fc.constantFrom('a', 'a', 'b', 'c', 1, '1', true, '2026-03-12', '2026-04-02T09:30:00Z', null, ['a']), lateBy: fc.oneof(often, span), queuedFor: often }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('receipt'), name: fc.constantFrom('sent', 'sent', 'opened', 'clicked', 'delivered'), message: fc.nat(5), lateBy: fc.oneof(often, span), queuedFor: often }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('point'), point, lateBy: fc.oneof(often, fc.nat(5 * MINUTE), span), queuedFor: often }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list'), name: fc.constantFrom('vip', 'vip', 'blocked', 'Ordered'), listed: fc.boolean(), lateBy: fc.oneof(often, span), queuedFor: often }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('identify'), traits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change'), person: aspects }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: span }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait-until-due'), offset: fc.constantFrom(-1, 0, 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publish'), which: fc.uniqueArray(fc.nat(pool.length + computedPool.length - 1)) }) },
); // prettier-ignore
