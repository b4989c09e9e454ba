import { describe, expect, it } from '@jest/globals';
import type { Person, Point } from '@tidings/condition';
import type { Circle, Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { circle, edgeOf } from './circles.fixture.js';
import { agedCrossing, crossed, type Crossed } from './crossing.js';
import { startOf } from './fences.js';
import { compileSegments, countersOf, enrol, hear, join, passTime, type Counters, type Membership, type Occurrence, type Segments } from './index.js';

const MINUTE = 60_000;
const noon = Date.parse('2026-03-02T12:00:00Z');
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
const facts = { person: ann, changed: [], aspects: [], now: noon };

/** Where somebody is said to have been, how long before it is said, and how long after what was said before. */
interface Said {
  readonly point: Point;
  readonly lateBy: number;
  readonly after: number;
}

interface Fence {
  readonly circle: Circle;
  readonly into: boolean;
  readonly window: '30m' | '2h';
}

const conditionOf = ({ circle: around, into, window }: Fence): Condition => ({ place: { ...(into ? { entered: around } : { left: around }), withinLast: window } });
const publishedOf = (fences: readonly Fence[]) => fences.map((fence, index) => ({ id: `fence-${String(index).padStart(2, '0')}`, where: conditionOf(fence) }));
const occurrenceOf = ({ latitude, longitude }: Point, at: number): Occurrence => ({ heard: 'place', name: 'point', properties: { latitude, longitude }, at });

/** Every border by itself, asked for every point: as if there were no index, and nothing left out. */
class Naively {
  private readonly kept = new Map<string, Crossed>();

  constructor(private readonly segments: Segments) {}

  hear(occurrence: Occurrence, now: number): void {
    for (const [key, rule] of this.segments.fences.borders) this.kept.set(key, crossed(this.kept.get(key), rule, rule.isBehind(occurrence), occurrence.at, now));
  }

  /** What is kept of each border, and the ids of the segments that hold. */
  at(now: number): { kept: Readonly<Record<string, Crossed>>; ids: readonly string[]; dueAt: number | null } {
    const kept = [...this.segments.fences.borders].map(([key, rule]) => [key, agedCrossing(this.kept.get(key), rule, now)] as const);
    const holding = kept.filter(([, { crossedAt }]) => crossedAt !== null);
    const ids = holding.flatMap(([key]) => this.segments.fences.borders.get(key)?.segments.map(({ id }) => id) ?? []).toSorted();
    const dueAt = holding.length === 0 ? null : Math.min(...holding.flatMap(([, { flipsAt }]) => flipsAt ?? []));
    return { kept: Object.fromEntries(kept), ids, dueAt };
  }
}

/** What is kept of each border of a profile, also where it is not kept by itself. */
function borders({ fences }: Segments, counters: Counters, now: number): Readonly<Record<string, Crossed>> {
  return Object.fromEntries(
    [...fences.borders].map(([key, rule]) => {
      const own = counters[key];
      const kept = typeof own === 'object' && 'slots' in own ? own : startOf(rule, counters);
      return [key, agedCrossing(kept, rule, now)];
    }),
  );
}

const asKept = (membership: Membership): Membership => JSON.parse(JSON.stringify(membership)) as Membership;

const fence = (around: fc.Arbitrary<Circle>): fc.Arbitrary<Fence> => fc.record({ circle: around, into: fc.boolean(), window: fc.constantFrom('30m', '2h') });
const histories = fc.array(circle, { minLength: 1, maxLength: 4 }).chain((circles) =>
  fc.record({
    fences: fc.array(fence(fc.constantFrom(...circles)), { minLength: 1, maxLength: 8 }),
    said: fc.array(
      fc.record({
        point: fc.oneof(...circles.map(edgeOf)),
        lateBy: fc.oneof(fc.constant(0), fc.nat(MINUTE), fc.nat(200 * MINUTE)),
        after: fc.oneof(fc.constant(0), fc.nat(10 * MINUTE), fc.nat(150 * MINUTE)),
      }),
      { minLength: 1, maxLength: 25 },
    ),
  }),
);

describe('borders that are found by where somebody is', () => {
  it('are kept and answered as if each was asked for every point, in whatever order points come', () => {
    let crossings = 0;
    const run = (fences: readonly Fence[], said: readonly Said[]) => {
      const segments = compileSegments(publishedOf(fences), noon);
      const naive = new Naively(segments);
      let membership = enrol(segments, { ...facts, occurrence: null });
      let now = noon;
      for (const { point, lateBy, after } of said) {
        now += after;
        for (let next = passTime(segments, membership, ann, now); next !== membership; next = passTime(segments, membership, ann, now)) {
          membership = asKept(next);
          expect(membership.segments).toEqual(naive.at(membership.evaluatedAt).ids);
        }
        const occurrence = occurrenceOf(point, now - lateBy);
        naive.hear(occurrence, now);
        membership = asKept(hear(segments, membership, { ...facts, occurrence: null, point: occurrence, now }));
        const { kept, ids, dueAt } = naive.at(now);
        expect({ kept: borders(segments, membership.counters, now), ids: membership.segments, dueAt: membership.dueAt }).toEqual({ kept, ids, dueAt });
        crossings += ids.length;
      }
    };
    fc.assert(fc.property(histories, ({ fences, said }) => run(fences, said)), { numRuns: 500 });
    expect(crossings).toBeGreaterThan(500);
  });

  it('come out of history as they were kept, also of one that is joined', () => {
    fc.assert(
      fc.property(histories, fc.nat(25), ({ fences, said }, where) => {
        const segments = compileSegments(publishedOf(fences), noon);
        const naive = new Naively(segments);
        const now = noon + 400 * MINUTE;
        const history = said.map(({ point, lateBy }) => ({ ...occurrenceOf(point, now - lateBy), times: 1 }));
        for (const occurrence of history) naive.hear(occurrence, now);
        const { kept, ids } = naive.at(now);
        expect(borders(segments, countersOf([...segments.byCounter.values()], history, now), now)).toEqual(kept);
        let membership = enrol(segments, { ...facts, occurrence: null, now });
        for (const point of history.slice(0, where)) membership = hear(segments, membership, { ...facts, occurrence: null, point, now });
        const joined = join(segments, membership, { person: ann, history: history.slice(where).toReversed(), now });
        expect({ kept: borders(segments, joined.counters, now), ids: joined.segments }).toEqual({ kept, ids });
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is kept of borders', () => {
  const shop = (index: number): Fence => ({ circle: { latitude: (index % 40) * 2 - 40, longitude: Math.floor(index / 40) * 3 - 60, km: 1 }, into: index % 2 === 0, window: '2h' });
  const segments = compileSegments(publishedOf(Array.from({ length: 1_000 }, (_, index) => shop(index))), noon);
  const keptAfter = (...said: readonly (readonly [minutes: number, point: Point])[]) => {
    let membership = enrol(segments, { ...facts, occurrence: null });
    for (const [minutes, point] of said) {
      const now = noon + minutes * MINUTE;
      for (let next = passTime(segments, membership, ann, now); next !== membership; next = passTime(segments, membership, ann, now)) membership = next;
      membership = hear(segments, membership, { ...facts, occurrence: null, point: occurrenceOf(point, now), now });
    }
    return Object.keys(membership.counters).map((key) => segments.byCounter.get(key)?.kind);
  };

  it('is nothing of a thousand that somebody was never inside of, but when they were anywhere', () => {
    expect(keptAfter([0, { latitude: 1, longitude: 1 }], [1, { latitude: 1, longitude: 2 }])).toEqual(['points']);
  });

  it('is one that they were inside of lately, and nothing any more when that is too long ago', () => {
    const [inside, outside] = [shop(7).circle, { latitude: 1, longitude: 1 }];
    expect(keptAfter([0, outside], [1, inside])).toEqual(['points', 'crossing']);
    expect(keptAfter([0, outside], [1, inside], [2, outside], [100, outside])).toEqual(['points', 'crossing']);
    expect(keptAfter([0, outside], [1, inside], [2, outside], [100, outside], [240, outside])).toEqual(['points']);
  });
});
