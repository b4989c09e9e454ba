import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import type { ComputedTraitDefinition, Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { compileSegments, computedValues, countersOf, enrol, hear, passTime, type Counter, type Membership, type Occurrence } from './index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const noon = Date.parse('2026-03-02T12:00:00Z');
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };

type Works = Omit<ComputedTraitDefinition, 'id' | 'performed'>;

const told = (sku: unknown, at = noon): Occurrence => ({ heard: 'performed', name: 'X', properties: { sku }, at });
const segmentsOf = (works: Works, where?: Condition) =>
  compileSegments(where === undefined ? [] : [{ id: 'asked', where }], noon, [{ id: 'it', performed: 'X', ...works }]);
const valueOf = (works: Works, { counters }: Pick<Membership, 'counters'>, now: number) =>
  computedValues(segmentsOf(works), counters, { now, timezone: null })['it'];

function after(works: Works, done: readonly Occurrence[], { now = noon, where }: { readonly now?: number; readonly where?: Condition } = {}) {
  const segments = segmentsOf(works, where);
  const facts = { person: ann, changed: [], aspects: [], now };
  let membership = enrol(segments, { ...facts, occurrence: null });
  for (const occurrence of done) membership = hear(segments, membership, { ...facts, occurrence });
  const [counter] = Object.values(membership.counters);
  return { membership, counter, value: valueOf(works, membership, now), dueAt: membership.dueAt };
}

const cellsOf = (counter: Counter | undefined) => (typeof counter === 'object' && 'cells' in counter ? counter.cells : undefined);
const inAnyOrder = (done: readonly Occurrence[], holds: (shuffled: Occurrence[]) => void, numRuns = 20) =>
  fc.assert(fc.property(fc.shuffledSubarray([...done], { minLength: done.length }), holds), { numRuns });

describe('what was told first and last', () => {
  it.each<[string, Works, unknown]>([
    ['first, of those at once the least', { first: 'sku' }, true],
    ['first in a window that all are in', { first: 'sku', withinLast: '1d' }, true],
    ['first in a window that some are in', { first: 'sku', withinLast: '241m' }, 'z'],
    ['first in a window that none is in', { first: 'sku', withinLast: '3h' }, undefined],
    ['last, of those at once the greatest', { last: 'sku' }, 'b'],
    ['last in a window that all are in', { last: 'sku', withinLast: '1d' }, 'b'],
    ['last in a window that none is in', { last: 'sku', withinLast: '3h' }, undefined],
  ])('is what was told %s, whatever the order in which it came', (_, works, expected) => {
    const done = [told('z', noon - 4 * HOUR), told('a', noon - 5 * HOUR), told(7, noon - 5 * HOUR), told(true, noon - 5 * HOUR), told('10', noon - 3 * HOUR), told('b', noon - 3 * HOUR), told(99, noon - 3 * HOUR)];
    inAnyOrder(done, (shuffled) => expect(after(works, shuffled).value).toBe(expected));
  });

  it.each([[null], [undefined], [['a']], [{ a: 1 }], [Infinity], ['x'.repeat(1_001)]])('passes over %j, which is no value', (none) => {
    expect(after({ last: 'sku' }, [told('a', noon - 1), told(none)]).value).toBe('a');
    expect(after({ first: 'sku' }, [told(none, noon - 1), told('a')]).value).toBe('a');
    expect(after({ first: 'sku', withinLast: '2d' }, [told(none, noon - 1), told('a')]).value).toBe('a');
    expect(after({ mostFrequent: 'sku' }, [told(none), told('a'), told(none)]).value).toBe('a');
  });

  it('has texts of up to 1,000 characters', () => {
    expect(after({ last: 'sku' }, [told('x'.repeat(1_000))]).value).toHaveLength(1_000);
  });

  it('leaves a window to the millisecond, and wakes whom that concerns', () => {
    const works: Works = { last: 'sku', withinLast: '1d' };
    const { membership, dueAt } = after(works, [told('a')], { where: { computed: 'it', equals: 'a' } });
    expect(membership.segments).toEqual(['asked']);
    expect(dueAt).toBe(noon + DAY);
    expect(valueOf(works, membership, noon + DAY - 1)).toBe('a');
    expect(passTime(segmentsOf(works, { computed: 'it', equals: 'a' }), membership, ann, noon + DAY)).toMatchObject({ segments: [], dueAt: null });
  });
});

describe('what was told first in a window', () => {
  const works: Works = { first: 'sku', withinLast: '2d' };
  const done = [told('x', noon - 9 * HOUR), told('y', noon - 8.5 * HOUR), told('a', noon - 8 * HOUR), told('a', noon - 6 * HOUR), told('c', noon - 5 * HOUR)];

  it('is the first of its hour for as long as the last of that is in the window', () => {
    inAnyOrder(done, (shuffled) => {
      const { membership } = after(works, shuffled);
      const hours = [9, 8.5, 8, 6, 5].map((ago) => noon - ago * HOUR + 2 * DAY);
      expect([noon, ...hours].map((now) => valueOf(works, membership, now))).toEqual(['x', 'x', 'a', 'a', 'c', undefined]);
      expect(hours.map((now) => valueOf(works, membership, now - 1))).toEqual(['x', 'x', 'a', 'a', 'c']);
    });
  });

  it.each<[string, object, number | null]>([
    ['that is another', { equals: 'x' }, 8.5],
    ['that becomes one', { equals: 'c' }, 6],
    ['that stays the same for the condition', { oneOf: ['x', 'a'] }, 6],
    ['that is none', { exists: true }, 5],
    ['that never is', { equals: 'y' }, null],
  ])('wakes whom a value concerns %s, and nobody before', (_, given, ago) => {
    const { dueAt } = after(works, done, { where: { computed: 'it', ...given } as Condition });
    expect(dueAt).toBe(ago === null ? null : noon - ago * HOUR + 2 * DAY);
  });

  it('has texts of up to 100 characters', () => {
    const [long, longer] = ['x'.repeat(100), 'y'.repeat(101)];
    expect(after(works, [told(longer, noon - HOUR), told(long)]).value).toBe(long);
  });

  it('is that of the newest 1,000 hours of whom more are known, and equals what history gives, then and later', () => {
    const twoMonths: Works = { first: 'sku', withinLast: '60d' };
    const many = Array.from({ length: 1_300 }, (__, index) => told(`sku-${index}`, noon - index * HOUR + (index % 7) * MINUTE));
    const { counter, membership, value } = after(twoMonths, many);
    expect(value).toBe('sku-999');
    expect(typeof counter === 'object' && 'firsts' in counter ? counter.firsts : []).toHaveLength(1_000);
    inAnyOrder(many, (shuffled) => expect(after(twoMonths, shuffled).counter).toEqual(counter), 1);
    const rules = [...segmentsOf(twoMonths).byCounter.values()];
    for (const later of [DAY, 29 * DAY, 59 * DAY + 3.5 * HOUR, 61 * DAY, 89 * DAY, 92 * DAY]) {
      const late = told('late', noon - 20 * HOUR);
      const now = noon + later;
      const streamed = hear(segmentsOf(twoMonths), membership, { person: ann, changed: [], aspects: [], now, occurrence: late });
      const counted = countersOf(rules, [...many, late].map((each) => ({ ...each, times: 1 })), now);
      expect(streamed.counters).toEqual(counted);
      expect(valueOf(twoMonths, streamed, now)).toBe(later === 59 * DAY + 3.5 * HOUR ? 'late' : valueOf(twoMonths, membership, now));
    }
  }, 60_000);
});

it('texts of all computed traits are told as far as they have room, in the order of ids; segments know them all', () => {
  const ids = Array.from({ length: 70 }, (_, index) => `t-${10 + index}`);
  const traits = ids.map((id) => ({ id, performed: 'X', last: id })).toReversed();
  const segments = compileSegments([{ id: 'asked', where: { computed: 't-79', startsWith: 'x' } }], noon, [...traits, { id: 'z', performed: 'X', count: true }]);
  const properties = Object.fromEntries(ids.map((id) => [id, 'x'.repeat(id === 't-10' ? 100 : 1_000)]));
  const { counters, segments: asked } = enrol(segments, { person: ann, changed: [], aspects: [], now: noon, occurrence: { ...told(1), properties } });
  expect(Object.keys(computedValues(segments, counters, { now: noon, timezone: null }))).toEqual([...ids.slice(0, 66), 'z']);
  expect(asked).toEqual(['asked']);
});

describe('what was told most often', () => {
  it.each<[string, Works, readonly unknown[], unknown]>([
    ['the most often', { mostFrequent: 'sku' }, ['a', 'b', 'b', 'c'], 'b'],
    ['as often as another, and last', { mostFrequent: 'sku' }, ['a', 'b', 'b', 'a'], 'a'],
    ['the most often in the window', { mostFrequent: 'sku', withinLast: '3h' }, ['a', 'a', 'a', 'b', 'b', 'c'], 'b'],
    ['a number, which is no text', { mostFrequent: 'sku' }, [1, '1', '1', 1, 1], 1],
    ['a truth value', { mostFrequent: 'sku' }, [false, false, true], false],
    ['nothing', { mostFrequent: 'sku' }, [], undefined],
  ])('is what was told %s', (_, works, skus, expected) => {
    const done = skus.map((sku, index) => told(sku, noon - (skus.length - index) * HOUR + 1));
    inAnyOrder(done, (shuffled) => expect(after(works, shuffled).value).toBe(expected));
  });

  it('is the greatest of those that were told as often, the last time at one moment', () => {
    inAnyOrder([told('a'), told('b'), told(9), told(true)], (shuffled) => expect(after({ mostFrequent: 'sku' }, shuffled).value).toBe('b'));
  });

  it('changes when what is needed has left the window, and nobody is woken before', () => {
    const works: Works = { mostFrequent: 'sku', withinLast: '2d' };
    const done = [told('a', noon - 9 * HOUR), told('a', noon - 8 * HOUR), told('a', noon - 5 * HOUR), told('b', noon - 2 * HOUR)];
    expect(after(works, done, { where: { computed: 'it', equals: 'a' } }).dueAt).toBe(noon - 8 * HOUR + 2 * DAY);
    expect(after(works, done, { where: { computed: 'it', exists: true } }).dueAt).toBe(noon - 2 * HOUR + 2 * DAY);
    expect(after(works, done, { where: { computed: 'it', equals: 'c' } }).dueAt).toBeNull();
  });

  it('counts texts of up to 100 characters', () => {
    const [long, longer] = ['x'.repeat(100), 'y'.repeat(101)];
    expect(after({ mostFrequent: 'sku' }, [told(longer), told(longer), told(long)]).value).toBe(long);
  });

  it('is not known any more of who told more than 1,000 different values, in whatever order', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => told(`sku-${index}`, noon - index * DAY));
    const enough = [...many, told('sku-7')];
    expect(after({ mostFrequent: 'sku' }, enough).value).toBe('sku-7');
    inAnyOrder([...enough, told('one more')], (shuffled) => {
      const { counter, value } = after({ mostFrequent: 'sku' }, shuffled);
      expect(value).toBeUndefined();
      expect(counter).toEqual({ cells: null, flipsAt: null });
    }, 1);
  }, 60_000);

  it('looks at the newest 1,000 of what was told in each hour, and equals what history gives, then and later', () => {
    const works: Works = { mostFrequent: 'sku', withinLast: '30d' };
    const many = Array.from({ length: 1_300 }, (_, index) => told(`sku-${index % 70}`, noon - (index % 52) * HOUR - (index % 7) * MINUTE));
    const { counter, membership } = after(works, many);
    expect(cellsOf(counter)).toHaveLength(1_000);
    inAnyOrder(many, (shuffled) => expect(after(works, shuffled).counter).toEqual(counter), 1);
    const rules = [...segmentsOf(works).byCounter.values()];
    for (const later of [DAY, 29 * DAY, 31 * DAY, 89 * DAY, 92 * DAY]) {
      const late = told('sku-3', noon - 20 * HOUR);
      const streamed = hear(segmentsOf(works), membership, { person: ann, changed: [], aspects: [], now: noon + later, occurrence: late });
      const counted = countersOf(rules, [...many, late].map((each) => ({ ...each, times: 1 })), noon + later);
      expect(valueOf(works, streamed, noon + later)).toBe(valueOf(works, { counters: counted }, noon + later));
      expect(streamed.counters).toEqual(counted);
    }
  }, 60_000);
});
