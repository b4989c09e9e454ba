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
    ['a range of numbers', { trait: 'age', between: [18, 30] }],
    ['a range of dates', { trait: 'born', between: ['1990-01-01', '1999-12-31'] }],
    ['an anniversary', { trait: 'born', anniversary: { in: '2w' } }],
    ['a regular expression', { trait: 'email', matches: '(?i)@example\\.com$' }],
    ['a sum', { performed: 'Order Completed', sum: 'total', value: { atLeast: 100 }, withinLast: '90d' }],
    ['a sequence', { sequence: [{ performed: 'A' }, { performed: 'B' }], without: [{ performed: 'C' }], within: '1h' }],
    ['a list', { listed: 'vip' }],
    ['messages that were sent', { message: 'sent', atMost: 3, withinLast: '7d' }],
    ['ignored messages', { message: 'ignored', journey: 'welcome', after: '3d', atLeast: 2, withinLast: '30d' }],
    ['an engagement', { message: 'opened', journey: 'welcome', channel: 'email', atLeast: 2, withinLast: '30d' }],
    ['a place', { place: { country: ['DE', 'AT'], city: 'Graz', within: { latitude: 0, longitude: 180, km: 5 } } }],
    ['a border that was crossed', { place: { entered: { latitude: 0, longitude: 180, km: 5 }, withinLast: '1h' } }],
    ['a membership', { segment: 'frequent-buyers' }],
    ['a trait of a group', { group: { trait: 'plan', equals: 'pro', where: [{ trait: 'renews', withinNext: '7d' }] } }],
    ['a tree', { all: [{ any: [{ trait: 'a', exists: true }] }, { not: { performed: 'X' } }] }],
    ['a tree as deep as is allowed', nested(20)],
  ])('takes %s', (_, json) => {
    expect(parseCondition(json, 'where')).toEqual({ ok: true, condition: json });
  });

  it.each<[string, unknown, unknown[]]>([
    ['null', null, ['where: must be an object']],
    ['a list', [], ['where: must be an object']],
    [
      'nothing that names a kind',
      { foo: 1 },
      [
        'where: must have one of all, any, not, trait, computed, performed, sequence, message, listed, segment, device, place, group, consent, bucket',
      ],
    ],
    [
      'a kind that is only inherited',
      Object.create({ trait: 'plan' }),
      [
        'where: must have one of all, any, not, trait, computed, performed, sequence, message, listed, segment, device, place, group, consent, bucket',
      ],
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
    ['a list that is none', { all: 'x' }, ['where.all: must be a list']],
    [
      'no window',
      { performed: 'X', withinLast: 'a while' },
      ['where.withinLast: must be a whole number and a unit (s, m, h, d or w), such as 30m or 7d'],
    ],
    [
      'a trait that is compared with nothing',
      { trait: 'plan' },
      [
        'where: must have at least one of equals, notEquals, oneOf, contains, exists, greaterThan, lessThan, atLeast, atMost, between, startsWith, endsWith, matches, before, after, withinLast, withinNext, anniversary',
      ],
    ],
    [
      'a property that is compared with nothing',
      { performed: 'X', where: [{ property: 'total' }] },
      [
        'where.where[0]: must have at least one of equals, notEquals, oneOf, contains, exists, greaterThan, lessThan, atLeast, atMost, between, startsWith, endsWith, matches, before, after',
      ],
    ],
    ['a property without a name', { performed: 'X', where: [{ equals: 1 }] }, ['where.where[0].property: is missing']],
    [
      'a range that ends before it begins',
      {
        all: [
          { trait: 'a', between: [2, 1] },
          { trait: 'b', between: ['2026-02-01', '2026-01-31'] },
        ],
      },
      ['where.all[0].between: must have the lesser end first', 'where.all[1].between: must have the lesser end first'],
    ],
    [
      'a range of unlike ends',
      { trait: 'a', between: [1, '2026-01-01'] },
      ['where.between: must have two numbers or two moments'],
    ],
    [
      'no date',
      { trait: 'a', before: 'yesterday' },
      ['where.before: must be a date such as 2026-03-10, or an instant such as 2026-03-10T09:00:00Z'],
    ],
    [
      'a day that no calendar has',
      { performed: 'X', since: '2026-02-30' },
      ['where.since: is no day or time of the calendar'],
    ],
    [
      'no regular expression',
      { trait: 'a', matches: '(a' },
      ['where.matches: is no regular expression of RE2: missing closing ): `(a`'],
    ],
    [
      'a pattern that looks back',
      { trait: 'a', matches: '(a)\\1' },
      ['where.matches: is no regular expression of RE2: invalid escape sequence: `\\1`'],
    ],
    [
      'a pattern that is too large',
      { trait: 'a', matches: '[a-z]{900}' },
      ['where.matches: is too large: repeat fewer times'],
    ],
    [
      'half a day',
      { trait: 'a', anniversary: { in: '12h' } },
      ['where.anniversary.in: must be a whole number of days or weeks, such as 3d or 2w'],
    ],
    [
      'a property relative to now',
      { performed: 'X', where: [{ property: 'at', withinNext: '1d' }] },
      ['where.where[0].withinNext: there is no such field'],
    ],
    [
      'a count and a sum',
      { performed: 'X', atLeast: 2, sum: 'a', value: { atLeast: 1 } },
      ['where: asks different things with atLeast, sum: give each a condition of its own in an `all`'],
    ],
    [
      'two windows',
      { performed: 'X', withinLast: '1d', since: '2026-01-01' },
      ['where: asks different things with withinLast, since: give each a condition of its own in an `all`'],
    ],
    ['a list with a name for people', { listed: 'My VIPs' }, [expect.stringMatching(/^where.listed: /)]],
    [
      'messages never and exactly so many',
      { message: 'sent', never: true, exactly: 2 },
      ['where: asks different things with exactly, never: give each a condition of its own in an `all`'],
    ],
    ['fewer messages than there must be', { message: 'opened', atLeast: 3, atMost: 2 }, ['where.atMost: must not be less than atLeast']],
    ['more messages than are counted', { message: 'opened', exactly: 1000 }, ['where.exactly: must be <= 999']],
    ['time to ignore what cannot be', { message: 'opened', after: '1d' }, ['where.after: is only possible with `message: ignored`']],
    [
      'a window in which nothing can be ignored yet',
      { message: 'ignored', withinLast: '1d' },
      ['where.withinLast: must be longer than `after` (1d when it is not given): nothing can be ignored sooner'],
    ],
    [
      'never and often',
      { performed: 'X', never: true, atMost: 2 },
      ['where: asks different things with atMost, never: give each a condition of its own in an `all`'],
    ],
    [
      'when within a window',
      { performed: 'X', firstTime: { withinLast: '1d' }, withinLast: '1d' },
      ['where: asks different things with firstTime, withinLast: give each a condition of its own in an `all`'],
    ],
    [
      'a sum of which nothing must hold',
      { performed: 'X', sum: 'a' },
      ['where.value: is missing: what must hold of the property'],
    ],
    [
      'a value of nothing',
      { performed: 'X', value: { atLeast: 1 } },
      ['where.value: needs one of sum, average, minimum, maximum, distinct to say of what'],
    ],
    [
      'more at least than at most',
      { performed: 'X', atLeast: 3, atMost: 2 },
      ['where.atMost: must not be less than atLeast'],
    ],
    ['a time of nothing', { performed: 'X', lastTime: {} }, ['where.lastTime: must not have fewer than 1 properties']],
    [
      'a step that compares nothing',
      { sequence: [{ performed: 'A' }, { performed: 'B', where: [{ property: 'x' }] }] },
      [expect.stringMatching(/^where\.sequence\[1\]\.where\[0\]: must have at least one of/)],
    ],
    ['a sequence of one', { sequence: [{ performed: 'A' }] }, ['where.sequence: must not have fewer than 2 items']],
    ['another answer than there is', { consent: 'email', is: 'maybe' }, [expect.stringMatching(/^where\.is: /)]],
    ['a group of which nothing is asked', { group: { trait: 'plan' } }, [expect.stringMatching(/^where\.group: must have at least one of equals/)]],
    ['a group of which no trait is asked', { group: { equals: 'pro' } }, [expect.stringMatching(/^where\.group.*trait/)]],
    ['a word that a group does not know', { group: { trait: 'plan', equals: 'pro', type: 'team' } }, [expect.stringMatching(/^where\.group.*type/)]],
    [
      'a group with something wrong further in',
      { group: { trait: 'plan', equals: 'pro', where: [{ trait: 'name', matches: '(' }] } },
      [expect.stringMatching(/^where\.group\.where\[0\]\.matches: is no regular expression/)],
    ],
    ['a device of which nothing is asked', { device: {} }, ['where.device: must not have fewer than 1 properties']],
    ['a place of which nothing is asked', { place: {} }, ['where.place: must not have fewer than 1 properties']],
    [
      'a circle around no place',
      { place: { within: { latitude: 91, longitude: -181, km: 0 } } },
      [
        'where.place.within.latitude: must be <= 90',
        'where.place.within.longitude: must be >= -180',
        'where.place.within.km: must be >= 0.01',
      ],
    ],
    [
      'a border that was crossed, and nobody knows when',
      { place: { left: { latitude: 0, longitude: 0, km: 1 } } },
      ['where.place.withinLast: is missing: how long ago it may be'],
    ],
    [
      'a time of what has none',
      { place: { city: 'Porto', withinLast: '1h' } },
      ['where.place.withinLast: needs one of entered, left to say of what'],
    ],
    [
      'a border that was crossed, and where somebody is',
      { all: [{ place: { city: 'Porto', entered: { latitude: 0, longitude: 0, km: 1 }, withinLast: '1h' } }] },
      ['where.all[0].place: asks different things with city, entered: give each a condition of its own in an `all`'],
    ],
    ['more than all', { bucket: { percent: 101 } }, ['where.bucket.percent: must be <= 100']],
    ['what is nested too deep', nested(21), [`where${'.not'.repeat(20)}: must not be nested deeper than 20`]],
  ])('refuses %s and says where', (_, json, expected) => {
    expect(lines(json)).toEqual(expected);
  });

  it('names a wrong value at any depth by its place', () => {
    const json = { any: [{ all: [{ trait: 'a', greaterThan: 'much' }] }] };
    expect(lines(json)).toEqual(['where.any[0].all[0].greaterThan: must be a number']);
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

  it('refuses any number of unknown fields', () => {
    const unknown = Object.fromEntries(Array.from({ length: 30 }, (_none, index) => [`x${index}`, 1]));
    expect(lines({ trait: 'plan', equals: 'pro', ...unknown })).toContain('where.x0: there is no such field');
    expect(lines({ trait: 'plan', matches: [], ...unknown })).not.toEqual([]);
  });

  it('never throws, whatever the JSON', () => {
    const kind = fc.constantFrom(
      'all',
      'any',
      'not',
      'trait',
      'performed',
      'sequence',
      'message',
      'device',
      'place',
      'group',
      'consent',
      'bucket',
      'between',
      'matches',
      'value',
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
