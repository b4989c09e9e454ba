import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { computations, type ComputedTraitDefinition, type ComputedValue, type Condition } from '@tidings/contracts';
import { parse } from 'yaml';
import { compile, computedQuestion, computedValue, mentionsOf, parseComputedTrait, parseCondition } from './index.js';
import type { Done } from './subject.js';

const DAY = 86_400_000;
const noon = Date.parse('2026-03-10T12:00:00Z');
const done: Done = {
  count: (key, windowMs) => (key.includes('v:') ? 20 : 10) + (windowMs === null ? 0 : windowMs / DAY),
  number: (_key, windowMs, of) => ({ sum: 1, average: 2, minimum: 3, maximum: 4 })[of] + (windowMs ?? 0) / DAY,
  times: () => ({ first: noon - 90 * DAY, last: noon - 2.5 * DAY }),
  told: (key) => ({ value: key.startsWith('ea:') ? 'first' : 'last', at: noon - 2.5 * DAY }),
  frequent: (_key, windowMs) => `usual of ${windowMs === null ? 'all' : windowMs / DAY}`,
  firstIn: (_key, windowMs) => `first of ${windowMs === null ? 'all' : windowMs / DAY}`,
  completedAt: () => null,
  streak: (_key, freezeDays) => 5 + freezeDays,
};
type Works = Omit<ComputedTraitDefinition, 'id' | 'performed'>;
const traitOf = (works: Works): ComputedTraitDefinition => ({ id: 'x', performed: 'Ordered', ...works });

describe('a computed trait', () => {
  it.each<[string, Works, unknown]>([
    ['how often', { count: true }, 10],
    ['how often within a time', { count: true, withinLast: '3d' }, 13],
    ['the sum', { sum: 'total' }, 1],
    ['the average', { average: 'total' }, 2],
    ['the least', { minimum: 'total', withinLast: '90d' }, 93],
    ['the greatest', { maximum: 'total' }, 4],
    ['how many different ones', { distinct: 'sku' }, 20],
    ['the first value', { first: 'sku' }, 'first'],
    ['the first value within a time', { first: 'sku', withinLast: '3d' }, 'first of 3'],
    ['the last value', { last: 'sku' }, 'last'],
    ['the last value, when that was too long ago', { last: 'sku', withinLast: '60h' }, undefined],
    ['the last value, a millisecond before it is too long ago', { last: 'sku', withinLast: '61h' }, 'last'],
    ['the most frequent value', { mostFrequent: 'sku' }, 'usual of all'],
    ['the most frequent value within a time', { mostFrequent: 'sku', withinLast: '3d' }, 'usual of 3'],
    ['days in a row', { streak: 'days' }, 5],
    ['days in a row, some forgiven', { streak: 'days', freezeDays: 2 }, 7],
    ['whole days since', { daysSince: 'last' }, 2],
    ['whole days since, while they are within', { daysSince: 'last', withinLast: '60h' }, undefined],
    ['whole days since, a millisecond longer', { daysSince: 'last', withinLast: '61h' }, 2],
  ])('is %s', (_, works, expected) => {
    expect(computedValue(traitOf(works))(done, noon)).toEqual(expected);
  });

  it.each<[string, Condition, boolean]>([
    ['a number', { computed: 'spent', between: [100, 200] }, true],
    ['a text', { computed: 'favourite', startsWith: 'sh' }, true],
    ['a text that is one of many', { computed: 'favourite', oneOf: ['hats', 'shoes'], notEquals: 'hats' }, true],
    ['a text with a part', { computed: 'favourite', contains: 'hoe', endsWith: 's', matches: '^s' }, true],
    ['a text that is no number', { computed: 'favourite', atLeast: 0 }, false],
    ['a text that looks like one', { computed: 'seven', equals: 7 }, false],
    ['a truth value', { computed: 'gift', equals: true }, true],
    ['a date, by the zone', { computed: 'renews', after: '2026-03-10' }, true],
    ['a date to come', { computed: 'renews', withinNext: '1d' }, true],
    ['that there is none', { computed: 'unknown', exists: false }, true],
    ['more than there is', { computed: 'spent', greaterThan: 120 }, false],
  ])('that a condition compares: %s', (_, condition, expected) => {
    const values = new Map<string, ComputedValue>([
      ['spent', 120],
      ['favourite', 'shoes'],
      ['seven', '7'],
      ['gift', true],
      ['renews', '2026-03-11T04:30:00Z'],
    ]);
    const person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: 'America/New_York' };
    const subject = { person, now: noon, done, isIn: () => false, computed: (id: string) => values.get(id) };
    expect(parseCondition(condition, 'where')).toMatchObject({ ok: true });
    expect(compile(condition)(subject)).toBe(expected);
  });

  it('is no day since what is a moment ahead, and nothing since what was never done', () => {
    const read = computedValue(traitOf({ daysSince: 'last' }));
    expect(read({ ...done, times: () => ({ first: noon, last: noon + 5 }) }, noon)).toBe(0);
    expect(read({ ...done, times: () => undefined }, noon)).toBeUndefined();
  });

  it.each<[string, Works, object]>([
    ['how often', { count: true, withinLast: '30d' }, { performed: 'Ordered', withinLast: '7d' }],
    ['a sum of some', { sum: 'total', where: [{ property: 'a', equals: 1 }] }, { performed: 'Ordered', average: 'total', value: { exists: true }, where: [{ property: 'a', equals: 1 }] }],
    ['different ones', { distinct: 'sku' }, { performed: 'Ordered', distinct: 'sku', value: { atLeast: 2 } }],
    ['days since', { daysSince: 'last', withinLast: '7d' }, { performed: 'Ordered', firstTime: { withinLast: '1d' } }],
  ])('shares the counter of conditions that ask for %s', (_, works, condition) => {
    const [question] = mentionsOf(condition as Parameters<typeof mentionsOf>[0]).questions;
    expect(computedQuestion(traitOf(works)).key).toBe(question?.key);
  }); // prettier-ignore

  it('keeps what was told last once for all windows, and what came first and other properties apart', () => {
    const keyOf = (works: Works) => computedQuestion(traitOf(works)).key;
    expect(keyOf({ last: 'sku', withinLast: '7d' })).toBe(keyOf({ last: 'sku' }));
    expect(keyOf({ mostFrequent: 'sku', withinLast: '7d' })).toBe(keyOf({ mostFrequent: 'sku', withinLast: '30d' }));
    expect(keyOf({ first: 'sku', withinLast: '7d' })).toBe(keyOf({ first: 'sku', withinLast: '30d' }));
    const apart: Works[] = [{ last: 'sku' }, { first: 'sku' }, { first: 'sku', withinLast: '1d' }, { first: 'sku', withinLast: '7d' }, { first: 'sku', withinLast: '91d' }, { first: 'sku', withinLast: '401d' }, { first: 'brand', withinLast: '7d' }, { last: 'brand' }, { last: 'sku', where: [{ property: 'a', equals: 1 }] }, { mostFrequent: 'sku' }, { mostFrequent: 'sku', withinLast: '7d' }, { distinct: 'sku' }];
    expect(new Set(apart.map(keyOf)).size).toBe(apart.length);
  });

  it('that is a date turns when time alone changes what holds of it', () => {
    const turnsOf = (works: Works, given: object, value: unknown) => {
      const question = computedQuestion(traitOf(works), given);
      return 'turns' in question && typeof question.turns === 'function' ? question.turns(value, { now: noon, timezone: 'America/New_York' }) : null;
    };
    const midnight = Date.parse('2026-03-12T04:00:00Z');
    expect(turnsOf({ last: 'due' }, { withinNext: '1d' }, '2026-03-12')).toBe(midnight - DAY);
    expect(turnsOf({ mostFrequent: 'due' }, { withinNext: '3d' }, '2026-03-12')).toBe(midnight);
    expect(turnsOf({ first: 'due', withinLast: '7d' }, { withinNext: '3d' }, '2026-03-12')).toBe(midnight);
    expect(turnsOf({ first: 'due' }, { withinNext: '1d' }, 'shoes')).toBeNull();
    expect(turnsOf({ first: 'due' }, { after: '2026-01-01' }, '2026-03-12')).toBeNull();
  });

  it.each<[string, object, number[]]>([
    ['whole bounds', { atLeast: 30 }, [30, 31]],
    ['broken bounds, of which the next whole day counts', { greaterThan: 1.5 }, [2]],
    ['every one of many', { oneOf: [1, 2, 'x'], between: [4, 6] }, [1, 2, 3, 4, 5, 6, 7]],
    ['none that no calendar reaches, and none in the past', { atLeast: 1e300, lessThan: -3 }, []],
    ['the end of the window alone', { atLeast: 9, exists: true }, []],
  ])('that counts days turns at %s', (name, given, days) => {
    const window = name.includes('window') ? { withinLast: '3d' } : {};
    const question = computedQuestion(traitOf({ daysSince: 'last', ...window }), given);
    const turns = question.kind === 'times' ? question.turns.map(({ afterMs }) => afterMs / DAY) : [];
    expect(turns.toSorted((a, b) => a - b)).toEqual(name.includes('window') ? [3] : days);
  });
});

describe('parseComputedTrait', () => {
  const problemsOf = (json: unknown) => {
    const parsed = parseComputedTrait(json);
    return parsed.ok ? [] : parsed.problems.map(({ place, message }) => `${place}: ${message}`);
  };
  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /must be an object/],
    ['a list', [], /must be an object/],
    ['no event', { id: 'x', count: true }, /^performed: is missing/],
    ['nothing to work out', { id: 'x', performed: 'A' }, /^: must have one of count, sum/],
    ['two things at once', { id: 'x', performed: 'A', count: true, sum: 'total' }, /^: works out different things with count, sum/],
    ['an unknown field', { id: 'x', performed: 'A', count: true, median: 'total' }, /^median: there is no such field/],
    ['an inherited field', JSON.parse('{"id":"x","performed":"A","count":true,"__proto__":{}}'), /__proto__/],
    ['a window of a streak', { id: 'x', performed: 'A', streak: 'days', withinLast: '9d' }, /^withinLast: is not possible with `streak`/],
    ['a window of what came first that is none', { id: 'x', performed: 'A', first: 'sku', withinLast: '0d' }, /^withinLast: must be/],
    ['no property', { id: 'x', performed: 'A', mostFrequent: '' }, /^mostFrequent: must not have fewer than 1 char/],
    ['days that are forgiven of nothing', { id: 'x', performed: 'A', count: true, freezeDays: 1 }, /^freezeDays: is possible with `streak` only/],
    ['too many days that are forgiven', { id: 'x', performed: 'A', streak: 'days', freezeDays: 31 }, /^freezeDays: must be <= 30/],
    ['a window that is none', { id: 'x', performed: 'A', count: true, withinLast: 'long' }, /^withinLast: must be a whole number/],
    ['a property compared with nothing', { id: 'x', performed: 'A', count: true, where: [{ property: 'a', equals: 1 }, { property: 'b' }] }, /^where\[1\]: must have at least one of/],
    ['a pattern that is none', { id: 'x', performed: 'A', count: true, where: [{ property: 'a', matches: '(' }] }, /^where\[0\]\.matches: is no regular expression/],
  ])('refuses %s and says where', (_, json, expected) => {
    expect(problemsOf(json).join('\n')).toMatch(expected);
  }); // prettier-ignore
});

describe('the page about computed traits', () => {
  const page = readFileSync(new URL('../../../docs/computed-traits.md', import.meta.url), 'utf8');
  const files = [...page.matchAll(/```yaml\n# computed-traits\/([a-z0-9-]+)\.yaml\n([\s\S]*?)```/g)];
  const documents = files.map(([, id = '', text = '']) => [id, { id, ...(parse(text) as object) }] as const);

  it.each(documents)('has an example %s that is right', (_, document) => {
    expect(parseComputedTrait(document)).toMatchObject({ ok: true });
  });

  it('has one of everything that can be worked out', () => {
    const used = new Set(documents.flatMap(([, document]) => Object.keys(document)));
    expect([...Object.keys(computations), 'where', 'withinLast', 'freezeDays'].filter((name) => !used.has(name))).toEqual([]);
  });
});
