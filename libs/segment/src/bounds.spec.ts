import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { compileSegments, enrol, hear, type Counter, type Occurrence } from './index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const noon = Date.parse('2026-03-02T12:00:00Z');
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };

const did = (name: string, at: number, properties = {}): Occurrence => ({ heard: 'performed', name, properties, at });

/** What is kept for the one question of a condition, and the segments, after all of this was done. */
function after(
  where: Condition,
  done: readonly Occurrence[],
): { counter: Counter | undefined; isIn: boolean; dueAt: number | null } {
  const segments = compileSegments([{ id: 'asked', where }], noon);
  const facts = { person: ann, changed: [], aspects: [], now: noon };
  let membership = enrol(segments, { ...facts, occurrence: null });
  for (const occurrence of done) membership = hear(segments, membership, { ...facts, occurrence });
  const [counter] = Object.values(membership.counters);
  return { counter, isIn: membership.segments.length === 1, dueAt: membership.dueAt };
}

describe('what is kept of a profile has a bound', () => {
  const values = Array.from({ length: 1_040 }, (_, index) =>
    did('X', noon - (index % 30) * HOUR, { sku: `sku-${index}` }),
  );

  it('of different values, the thousand seen last, in whatever order they come', () => {
    const where: Condition = { performed: 'X', distinct: 'sku', value: { atLeast: 1000 }, withinLast: '30d' };
    const { counter, isIn } = after(where, values);
    expect(isIn).toBe(true);
    expect(
      Object.keys(counter !== undefined && typeof counter === 'object' && 'latest' in counter ? counter.latest : {}),
    ).toHaveLength(1_000);
    fc.assert(
      fc.property(fc.shuffledSubarray(values, { minLength: values.length }), (shuffled) => {
        expect(after(where, shuffled).counter).toEqual(counter);
      }),
      { numRuns: 1 },
    );
  }, 60_000);

  it('of a sequence, a hundred moments of each step, in whatever order they come', () => {
    const where: Condition = {
      sequence: [{ performed: 'A' }, { performed: 'B' }],
      without: [{ performed: 'C' }],
      within: '1d',
    };
    const many = Array.from({ length: 150 }, (_, index) => [
      did('A', noon - index * HOUR),
      did('B', noon - index * DAY),
      did('C', noon - 1 - index * MINUTE),
    ]);
    const { counter } = after(where, many.flat());
    const seen = counter !== undefined && typeof counter === 'object' && 'seen' in counter ? counter.seen : [];
    const moments = (bit: number) => seen.filter((mask, index) => index % 2 === 1 && (mask & bit) !== 0).length;
    expect([1, 2, 4].map(moments)).toEqual([100, 100, 100]);
    fc.assert(
      fc.property(fc.shuffledSubarray(many.flat(), { minLength: 450 }), (shuffled) => {
        expect(after(where, shuffled).counter).toEqual(counter);
      }),
      { numRuns: 5 },
    );
  });

  it('of a sequence with a window, nothing that can be part of no sequence any more', () => {
    const where: Condition = { sequence: [{ performed: 'A' }, { performed: 'B' }], within: '1h', withinLast: '2h' };
    expect(
      after(where, [did('A', noon - 3 * HOUR), did('B', noon - 3 * HOUR + 1), did('A', noon - 2 * HOUR)]).counter,
    ).toEqual({
      seen: [noon - 3 * HOUR + 1, 2, noon - 2 * HOUR, 1],
      completedAt: null,
      flipsAt: null,
    });
  });
});

describe('numbers', () => {
  it('add up to the same in whatever order they come, and as money does', () => {
    const sums = [0.1, 0.2, 1e14, -1e14, 0.3].map((total) => did('X', noon, { total }));
    const where: Condition = { performed: 'X', sum: 'total', value: { equals: 0.6 }, withinLast: '1d' };
    fc.assert(fc.property(fc.shuffledSubarray(sums, { minLength: 5 }), (shuffled) => after(where, shuffled).isIn));
  });

  it('that are none, or too large to be added exactly, count for nothing', () => {
    const done = ['7', null, true, [1], 1e16].map((total) => did('X', noon, { total }));
    expect(after({ performed: 'X', maximum: 'total', value: { exists: true } }, done).isIn).toBe(false);
    expect(after({ performed: 'X', sum: 'total', value: { equals: 0 } }, done).isIn).toBe(true);
  });

  it('change the answer when the bucket leaves without which it is another, not before', () => {
    const where: Condition = { performed: 'X', maximum: 'total', value: { atLeast: 10 }, withinLast: '1h' };
    const done = [
      did('X', noon - 40 * MINUTE, { total: 5 }),
      did('X', noon - 30 * MINUTE, { total: 20 }),
      did('X', noon, { total: 1 }),
    ];
    expect(after(where, done)).toMatchObject({ isIn: true, dueAt: noon + 30 * MINUTE });
  });
});

describe('different values', () => {
  it('that leave together change the answer only when it is another afterwards', () => {
    const done = [
      did('X', noon - HOUR, { sku: 'a' }),
      did('X', noon - HOUR, { sku: 'b' }),
      did('X', noon, { sku: 'c' }),
    ];
    const where = (count: number): Condition => ({
      performed: 'X',
      distinct: 'sku',
      value: { equals: count },
      withinLast: '30d',
    });
    expect([1, 2, 3].map((count) => after(where(count), done).dueAt)).toEqual([
      noon - HOUR + 30 * DAY,
      null,
      noon - HOUR + 30 * DAY,
    ]);
  });
});

describe('a sequence', () => {
  const cart: Condition = {
    sequence: [{ performed: 'Viewed' }, { performed: 'Added' }, { performed: 'Ordered' }],
    within: '1h',
    without: [{ performed: 'Emptied' }],
    withinLast: '7d',
  };
  const at = (minutes: number) => noon - DAY + minutes * MINUTE;

  it.each<[string, Occurrence[], boolean]>([
    ['one after the other', [did('Viewed', at(0)), did('Added', at(10)), did('Ordered', at(60))], true],
    ['in whatever order they came', [did('Ordered', at(60)), did('Viewed', at(0)), did('Added', at(10))], true],
    ['not in their order', [did('Added', at(0)), did('Viewed', at(10)), did('Ordered', at(60))], false],
    ['not at the same moment', [did('Viewed', at(0)), did('Added', at(0)), did('Ordered', at(10))], false],
    ['not over too long a time', [did('Viewed', at(0)), did('Added', at(10)), did('Ordered', at(61))], false],
    [
      'from a later beginning',
      [did('Viewed', at(0)), did('Viewed', at(5)), did('Added', at(10)), did('Ordered', at(61))],
      true,
    ],
    [
      'not with something between',
      [did('Viewed', at(0)), did('Added', at(10)), did('Emptied', at(20)), did('Ordered', at(30))],
      false,
    ],
    [
      'with it before',
      [did('Emptied', at(-1)), did('Viewed', at(0)), did('Added', at(10)), did('Ordered', at(30))],
      true,
    ],
    [
      'with it after',
      [did('Viewed', at(0)), did('Added', at(10)), did('Ordered', at(30)), did('Emptied', at(31))],
      true,
    ],
    [
      'begun again after it',
      [did('Viewed', at(0)), did('Emptied', at(5)), did('Viewed', at(6)), did('Added', at(10)), did('Ordered', at(30))],
      true,
    ],
  ])('is done: %s', (_, done, expected) => {
    expect(after(cart, done).isIn).toBe(expected);
  });

  it('is over when the last of it is too long ago', () => {
    const done = [did('Viewed', at(0)), did('Added', at(10)), did('Ordered', at(60))];
    expect(after(cart, done).dueAt).toBe(at(60) + 7 * DAY);
  });
});
