import { describe, expect, it } from '@jest/globals';
import { compile, counterKey, granularityOf, mentionsOf, propertiesMatcher } from '@tidings/condition';
import type { Condition, PerformedCondition, Values } from '@tidings/contracts';
import fc from 'fast-check';
import { countersOf, enrol, hear, memberships, missingCounters, nextChange, passTime, revise } from './index.js';
import { compileSegments, type Membership, type Occurrence, type PublishedSegment, type Segments } from './index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.parse('2026-03-02T12:00:00Z');

const big = [{ property: 'total', greaterThan: 50 }];
const pool: readonly Condition[] = [
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
];

type Action =
  | {
      readonly do: 'event';
      readonly name: string;
      readonly total: number;
      readonly lateBy: number;
      readonly queuedFor: number;
    }
  | { readonly do: 'identify'; readonly plan: string | null }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'wait-until-due'; readonly offset: number }
  | { readonly do: 'publish'; readonly which: readonly number[] };

const span = fc.oneof(
  fc.integer({ min: 0, max: 10 * MINUTE }),
  fc.integer({ min: 0, max: 2 * DAY }),
  fc.integer({ min: 0, max: 110 * DAY }),
);
const often = fc.constantFrom(0, 0, 0, 1, SECOND, 90 * SECOND);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('event'), name: fc.constantFrom('Ordered', 'Ordered', 'Visited', 'Else'), total: fc.constantFrom(10, 100), lateBy: fc.oneof(often, span), queuedFor: often }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('identify'), plan: fc.constantFrom('pro', 'free', null) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: span }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait-until-due'), offset: fc.constantFrom(-1, 0, 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publish'), which: fc.uniqueArray(fc.nat(pool.length - 1)) }) },
); // prettier-ignore

const bucketMs = { minute: MINUTE, hour: HOUR, day: DAY, ever: 1 };

/** What the definition of a segment says about a history, worked out the slow way; shares nothing with the stream but the test of a tree. */
function recomputed(
  defined: readonly PublishedSegment[],
  history: readonly Occurrence[],
  traits: Values,
  now: number,
): string[] {
  const isIn = ({ where }: PublishedSegment): boolean => {
    const byKey = new Map<string, PerformedCondition>(
      mentionsOf(where).performed.map((condition) => [counterKey(condition), condition]),
    );
    const count = (key: string, windowMs: number | null): number => {
      const condition = byKey.get(key);
      if (condition === undefined) return Number.NaN;
      const size = bucketMs[granularityOf(condition)];
      return history.filter(({ name, properties, at }) => {
        const bucketEnd = (Math.floor(at / size) + 1) * size;
        const inWindow = windowMs === null || bucketEnd + windowMs > now;
        return name === condition.performed && propertiesMatcher(condition.where)(properties) && inWindow;
      }).length;
    };
    return compile(where)({ traits, count, isIn: () => false });
  };
  return defined
    .filter(isIn)
    .map(({ id }) => id)
    .toSorted();
}

/** One profile whose memberships are streamed, and the whole of its history to compare them with. */
class Walk {
  private now = start;
  private defined: readonly PublishedSegment[] = [];
  private segments: Segments = compileSegments([], start);
  private traits: Values = {};
  private readonly history: Occurrence[] = [];
  private membership: Membership | null = null;
  changes = 0;

  constructor(which: readonly number[]) {
    this.define(which);
  }

  take(step: Action): void {
    switch (step.do) {
      case 'event':
        return this.happen(
          { name: step.name, properties: { total: step.total }, at: this.now - step.lateBy },
          [],
          step.queuedFor,
        );
      case 'identify':
        this.traits = step.plan === null ? {} : { plan: step.plan };
        return this.happen(null, ['plan'], 0);
      case 'wait':
        return this.waitUntil(this.now + step.ms);
      case 'wait-until-due':
        return this.waitUntil(Math.max(this.now, (this.membership?.dueAt ?? this.now) + step.offset));
      case 'publish':
        this.define(step.which);
        return this.revise();
    }
  }

  private define(which: readonly number[]): void {
    this.defined = which.flatMap((index) => (pool[index] ? [{ id: `segment-${index}`, where: pool[index] }] : []));
    this.segments = compileSegments(this.defined, this.now);
  }

  private happen(occurrence: Occurrence | null, changed: readonly string[], queuedFor: number): void {
    const facts = { occurrence, changed, traits: this.traits, now: this.now - queuedFor };
    // Time passes with the traits that the profile had: here they only change when nothing is due, as the clock ran.
    if (occurrence !== null) this.history.push(occurrence);
    this.membership =
      this.membership === null ? enrol(this.segments, facts) : hear(this.segments, this.passed(facts.now), facts);
    this.compare(this.membership.evaluatedAt);
  }

  private waitUntil(until: number): void {
    this.now = until;
    if (this.membership === null) return;
    const { dueAt } = this.membership;
    // Between two moments nothing changes, up to the last millisecond before the next.
    if (dueAt !== null && dueAt > this.membership.evaluatedAt) this.compare(Math.min(until, dueAt - 1));
    this.membership = this.passed(until);
    this.compare(until);
  }

  private revise(): void {
    if (this.membership === null) return;
    const missing = missingCounters(this.segments, this.membership);
    const past = this.history.map((occurrence) => ({
      ...occurrence,
      at: Math.floor(occurrence.at / MINUTE) * MINUTE,
      times: 1,
    }));
    this.membership = revise(
      this.segments,
      this.membership,
      this.traits,
      countersOf(missing, past, this.membership.evaluatedAt),
    );
    this.compare(this.membership.evaluatedAt);
  }

  private passed(until: number): Membership {
    let membership = this.membership;
    if (membership === null) throw new Error('nobody is there yet');
    for (let next = passTime(this.segments, membership, this.traits, until); next !== membership;) {
      this.changes += 1;
      membership = next;
      this.compareWith(membership, membership.evaluatedAt);
      next = passTime(this.segments, membership, this.traits, until);
    }
    return membership;
  }

  private compare(now: number): void {
    if (this.membership !== null) this.compareWith(this.membership, now);
  }

  private compareWith(membership: Membership, now: number): void {
    expect(membership.segments).toEqual(recomputed(this.defined, this.history, this.traits, now));
    expect(memberships(this.segments, this.traits, membership.counters, new Date(now))).toEqual(membership.segments);
    expect(nextChange(this.segments, membership.counters, new Date(membership.evaluatedAt))?.getTime() ?? null).toBe(
      membership.dueAt,
    );
  }
}

describe('streaming membership', () => {
  const everything = pool.map((_, index) => index);
  const walks = fc.record({
    which: fc.oneof(fc.constant(everything), fc.uniqueArray(fc.nat(pool.length - 1))),
    steps: fc.array(action, { minLength: 20, maxLength: 80, size: 'max' }),
  });

  it('equals a recomputation from history at every moment, whatever the order in which events come', () => {
    let changes = 0;
    fc.assert(
      fc.property(walks, ({ which, steps }) => {
        const walk = new Walk(which);
        for (const step of steps) walk.take(step);
        changes += walk.changes;
      }),
      { numRuns: 120 },
    );
    // The histories are worth something only if time alone changed many answers in them.

    expect(changes).toBeGreaterThan(50);
  }, 120_000);
});
