import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { compileSegments, enrol, hear, type Counter, type Occurrence } from './index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const noon = Date.parse('2026-03-02T12:00:00Z');
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
const shop = { latitude: 41.15, longitude: -8.61, km: 1 };

type Said = readonly [minutes: number, side: 'in' | 'out'];
const point = ([minutes, side]: Said): Occurrence => ({
  heard: 'place',
  name: 'point',
  properties: { latitude: side === 'in' ? 41.15 : 41.2, longitude: -8.61 },
  at: noon + minutes * MINUTE,
});

/** What is kept at noon, whether the segment holds, and for how many minutes from now on. */
function after(where: Condition, said: readonly Said[]): { counter: Counter | undefined; isIn: boolean; forMinutes: number | null } {
  const segments = compileSegments([{ id: 'asked', where }], noon);
  const facts = { person: ann, changed: [], aspects: [], now: noon };
  let membership = enrol(segments, { ...facts, occurrence: null });
  for (const each of said) membership = hear(segments, membership, { ...facts, occurrence: null, point: point(each) });
  const counter = membership.counters[Object.keys(membership.counters).find((key) => !key.includes('points')) ?? ''];
  const { dueAt } = membership;
  return { counter, isIn: membership.segments.length === 1, forMinutes: dueAt === null ? null : (dueAt - noon) / MINUTE };
}

describe('a border', () => {
  const entered: Condition = { place: { entered: shop, withinLast: '1h' } };
  const left: Condition = { place: { left: shop, withinLast: '1h' } };

  it.each<[string, Condition, Said[], number | null]>([
    ['is entered by a point inside after one outside', entered, [[-20, 'out'], [-10, 'in']], 50],
    ['is entered at the first of the points inside', entered, [[-20, 'out'], [-10, 'in'], [-5, 'in'], [0, 'in']], 50],
    ['is entered again after it was left', entered, [[-40, 'out'], [-30, 'in'], [-20, 'out'], [-10, 'in']], 50],
    ['was entered, and left since', entered, [[-20, 'out'], [-10, 'in'], [-5, 'out']], 50],
    ['is not entered by the first point that anybody knows', entered, [[-10, 'in']], null],
    ['is entered by who was outside long ago', entered, [[-10_000, 'out'], [-10, 'in']], 50],
    ['was entered too long ago', entered, [[-90, 'out'], [-61, 'in'], [-10, 'in']], null],
    ['is entered by a point that comes late', entered, [[-10, 'in'], [-20, 'out']], 50],
    ['was entered later than it seemed, by a point that comes late', entered, [[-30, 'out'], [-20, 'in'], [-4, 'in'], [-10, 'out']], 56],
    ['is not entered by a point at the same moment', entered, [[-10, 'out'], [-10, 'in']], null],
    ['is left by a point outside after one inside', left, [[-20, 'in'], [-10, 'out']], 50],
    ['is not left by who was never inside', left, [[-20, 'out'], [-10, 'out']], null],
  ])('%s', (_, where, said, forMinutes) => {
    expect(after(where, said)).toMatchObject({ isIn: forMinutes !== null, forMinutes });
  }); // prettier-ignore

  it('is looked at in 30ths of the window: the moment is no earlier, and no later than the end of its own', () => {
    // The window of an hour has slots of two minutes.
    expect(after(entered, [[-10, 'out'], [-9.9, 'in'], [-9, 'in'], [-8.1, 'in'], [-7.9, 'in']]).forMinutes).toBeCloseTo(51.9); // prettier-ignore
  });

  it('keeps no more than the slots of its window and the one before them, in whatever order points come', () => {
    const many = Array.from({ length: 400 }, (_, index): Said => [-index, index % 7 < 3 ? 'in' : 'out']);
    const { counter } = after(entered, many);
    const slots = typeof counter === 'object' && 'slots' in counter ? counter.slots : [];
    expect(slots.length / 4).toBeLessThanOrEqual(32);
    fc.assert(
      fc.property(fc.shuffledSubarray(many, { minLength: many.length }), (shuffled) => {
        expect(after(entered, shuffled).counter).toEqual(counter);
      }),
      { numRuns: 10 },
    );
  });

  it('is kept for each window apart, and only where it is asked for', () => {
    const day: Condition = { place: { entered: shop, withinLast: '1d' } };
    const segments = compileSegments([{ id: 'hour', where: entered }, { id: 'day', where: day }, { id: 'same', where: entered }], noon); // prettier-ignore
    expect([...segments.byCounter.values()].map(({ kind }) => kind)).toEqual(['crossing', 'points', 'crossing', 'points']);
    expect(after({ performed: 'Ordered' }, [[-HOUR, 'out']]).counter).toBeUndefined();
  });
});
