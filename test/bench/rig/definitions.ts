/** A segment as it is applied. */
export interface BenchSegment {
  readonly id: string;
  readonly where: Readonly<Record<string, unknown>>;
}

/** What people of the benchmarks do, beside buying. */
export const VIEWS = 20;
export const ORDER = 'Order Completed';
export const viewOf = (number: number): string => `Viewed ${number % VIEWS}`;
export const CITIES = 100;
export const PLANS = ['free', 'basic', 'premium', 'team'] as const;

type Make = (variant: number) => BenchSegment['where'];

/** Answered by what somebody is, or ever did: time alone changes none of them. */
const still: readonly Make[] = [
  (v) => ({ trait: 'city', equals: `city-${v % CITIES}` }),
  (v) => ({ all: [{ trait: 'age', atLeast: 18 + (v % 60) }, { trait: 'age', lessThan: 20 + (v % 60) }] }),
  (v) => ({ all: [{ trait: 'plan', oneOf: ['premium', 'team'] }, { trait: 'city', endsWith: `-${v % CITIES}` }] }),
  (v) => ({ performed: viewOf(v), atLeast: 3 + Math.floor(v / VIEWS) }),
  (v) => ({ performed: viewOf(v), where: [{ property: 'category', equals: `category-${v % 10}` }], atLeast: 2 }),
  (v) => ({ performed: ORDER, sum: 'total', value: { between: [100 + 40 * v, 140 + 40 * v] } }),
  (v) => ({ all: [{ trait: 'city', equals: `city-${v % CITIES}` }, { not: { performed: viewOf(v) } }] }),
  (v) => ({ all: [{ segment: `still-${v - (v % 8)}` }, { performed: ORDER }] }),
];

/** Answered by what somebody did lately: time alone takes them out again, one some seconds later and one at the next minute but one. */
const passing: readonly Make[] = [
  (v) => ({ performed: viewOf(v), lastTime: { withinLast: `${15 + v}s` } }),
  (v) => ({ performed: viewOf(v), withinLast: '30d', atLeast: 2 }),
  (v) => ({ performed: ORDER, sum: 'total', withinLast: '60d', value: { atLeast: 300 + 50 * v } }),
  (v) => ({ all: [{ trait: 'plan', equals: PLANS[v % 4] }, { trait: 'city', equals: `city-${v % CITIES}` }, { not: { performed: viewOf(v), withinLast: '14d' } }] }),
  (v) => (v === 4 ? { performed: viewOf(v), withinLast: '1m' } : { sequence: [{ performed: viewOf(v) }, { performed: ORDER }], within: '7d', withinLast: '20d' }),
];

const made = (makes: readonly Make[], prefix: string, count: number): BenchSegment[] =>
  Array.from({ length: count }, (_none, v) => ({ id: `${prefix}-${v}`, where: makes[v % makes.length]?.(v) ?? {} }));

/** So many segments, of which a fifth are time-relative. */
export const segmentsOf = (count: number): readonly BenchSegment[] => [
  ...made(still, 'still', count - Math.floor(count / 5)),
  ...made(passing, 'passing', Math.floor(count / 5)),
];
