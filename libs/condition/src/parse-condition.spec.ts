import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from './parse-condition.js';

const nested = (depth: number): unknown => {
  let json: unknown = { trait: 'plan', equals: 'pro' };
  for (let level = 1; level < depth; level++) json = { not: json };
  return json;
};
const lines = (json: unknown, ...rest: [kinds?: Parameters<typeof parseCondition>[2]]): string[] => {
  const parsed = parseCondition(json, 'where', ...rest);
  return parsed.ok ? [] : parsed.problems.map(({ place, message }) => `${place}: ${message}`);
};

describe('parseCondition', () => {
  it.each<[string, unknown]>([
    ['a trait', { trait: 'plan', equals: 'pro' }],
    ['a nested trait', { trait: 'address.city', oneOf: ['Berlin', null] }],
    ['an event within a window', { performed: 'Order Completed', atLeast: 3, withinLast: '30d' }],
    [
      'an event with conditions on it',
      { performed: 'Order Completed', where: [{ property: 'total', greaterThan: 100 }] },
    ],
    ['a membership', { segment: 'frequent-buyers' }],
    ['a tree', { all: [{ any: [{ trait: 'a', exists: true }] }, { not: { performed: 'X' } }] }],
    ['a tree as deep as is allowed', nested(20)],
  ])('takes %s', (_, json) => {
    expect(parseCondition(json, 'where')).toEqual({ ok: true, condition: json });
  });

  it.each<[string, unknown, string[]]>([
    ['null', null, ['where: must be an object']],
    ['a list', [], ['where: must be an object']],
    ['nothing that names a kind', { foo: 1 }, ['where: must have one of all, any, not, trait, performed, segment']],
    [
      'a kind that is only inherited',
      Object.create({ trait: 'plan' }),
      ['where: must have one of all, any, not, trait, performed, segment'],
    ],
    [
      'a count below 1',
      { all: [{ segment: 'a' }, { performed: 'X', atLeast: 0 }] },
      ['where.all[1].atLeast: must be >= 1'],
    ],
    [
      'an unknown field',
      { not: { trait: 'plan', equals: 'pro', equal: 1 } },
      ['where.not.equal: there is no such field'],
    ],
    ['two kinds at once', { trait: 'plan', equals: 1, segment: 'a' }, ['where.segment: there is no such field']],
    ['an empty list', { any: [] }, ['where.any: must not have fewer than 1 items']],
    ['a list that is none', { all: 'x' }, ['where.all: must be array']],
    [
      'no window',
      { performed: 'X', withinLast: 'a while' },
      ['where.withinLast: must be a whole number and a unit (s, m, h, d or w), such as 30m or 7d'],
    ],
    [
      'a trait that is compared with nothing',
      { trait: 'plan' },
      ['where: must have at least one of equals, notEquals, oneOf, contains, exists, greaterThan, lessThan'],
    ],
    [
      'a property that is compared with nothing',
      { performed: 'X', where: [{ property: 'total' }] },
      ['where.where[0]: must have at least one of equals, notEquals, oneOf, contains, exists, greaterThan, lessThan'],
    ],
    ['a property without a name', { performed: 'X', where: [{ equals: 1 }] }, ['where.where[0].property: is missing']],
    ['what is nested too deep', nested(21), [`where${'.not'.repeat(20)}: must not be nested deeper than 20`]],
  ])('refuses %s and says where', (_, json, expected) => {
    expect(lines(json)).toEqual(expected);
  });

  it('names a wrong value at any depth by its place', () => {
    const json = { any: [{ all: [{ trait: 'a', greaterThan: 'much' }] }] };
    expect(lines(json)).toEqual(['where.any[0].all[0].greaterThan: must be number']);
  });

  it('refuses a kind that is not possible in its place', () => {
    expect(lines({ all: [{ segment: 'a' }] }, ['all', 'trait'])).toEqual([
      'where.all[0].segment: is not possible here',
    ]);
  });

  it('walks neither a bottomless nor an endless tree to its end', () => {
    expect(lines(nested(10_000))).toHaveLength(1);
    expect(lines(nested(100_000))).toEqual(['where: must not hold more than 20000 values']);
    const wide = {
      all: Array.from({ length: 90 }, () => ({ any: Array.from({ length: 90 }, () => ({ segment: 'a' })) })),
    };
    expect(lines(wide)).toEqual([
      expect.stringMatching(/^where\.all\[\d+\]\.any\[\d+\]: must not have more than 500 conditions$/),
    ]);
    expect(lines({ all: Array.from({ length: 1_000_000 }, () => ({ segment: 'a' })) })).toEqual([
      'where: must not hold more than 20000 values',
    ]);
  });

  it('never throws, whatever the JSON', () => {
    const kind = fc.constantFrom(
      'all',
      'any',
      'not',
      'trait',
      'performed',
      'segment',
      'where',
      '__proto__',
      'constructor',
    );
    const json = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), fc.dictionary(kind, tie('tree')), fc.array(tie('tree'))),
    })).tree;
    fc.assert(fc.property(json, (any) => typeof parseCondition(any, 'where').ok === 'boolean'));
  });
});
