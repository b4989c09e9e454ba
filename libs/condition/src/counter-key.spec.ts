import { describe, expect, it } from '@jest/globals';
import type { Condition, PerformedCondition } from '@tidings/contracts';
import { counterKey, grainOf } from './counter-key.js';
import { digest } from './digest.js';
import { mentionsOf } from './mentions.js';

describe('counterKey', () => {
  // Counters are kept under these names in every profile: a change here forgets what was counted.
  it.each<[string, PerformedCondition, string]>([
    ['ever', { performed: 'Order Completed' }, 'e:Order Completed'],
    ['up to a day', { performed: 'Order Completed', withinLast: '1d' }, 'm:Order Completed'],
    ['up to 90 days', { performed: 'Order Completed', withinLast: '90d' }, 'h:Order Completed'],
    ['longer', { performed: 'Order Completed', withinLast: '91d', atLeast: 5 }, 'd:Order Completed'],
    ['as long as history', { performed: 'Order Completed', withinLast: '400d' }, 'd:Order Completed'],
    ['longer than history', { performed: 'Order Completed', withinLast: '401d' }, 'd2:Order Completed'],
    ['three years', { performed: 'Order Completed', withinLast: '156w' }, 'd4:Order Completed'],
    ['with conditions', { performed: 'X', where: [{ property: 'total', greaterThan: 1 }] }, 'e:X#1yexzuzszsd'],
  ])('%s', (_, condition, expected) => {
    expect(counterKey(condition)).toBe(expected);
  });

  it('does not tell apart what counts the same', () => {
    const where = [
      { property: 'a', equals: 1, notEquals: 2 },
      { property: 'b', exists: true },
    ];
    const reordered = [
      { exists: true, property: 'b' },
      { notEquals: 2, equals: 1, property: 'a' },
    ];
    expect(counterKey({ performed: 'X', where: reordered })).toBe(counterKey({ performed: 'X', where }));
    expect(counterKey({ performed: 'X', atLeast: 9, withinLast: '2h' })).toBe(
      counterKey({ performed: 'X', withinLast: '24h' }),
    );
  });

  it('tells apart other values of the same property', () => {
    const keys = ['1', 1, true, null].map((equals) =>
      counterKey({ performed: 'X', where: [{ property: 'a', equals }] }),
    );
    expect(new Set(keys).size).toBe(4);
  });
});

describe('the counters of other questions', () => {
  const where = [{ property: 'total', atLeast: 1 }];
  it.each<[string, Condition, string]>([
    ['a range', { performed: 'X', since: '2026-01-01' }, 'er:X#1xptr0p9xp4'],
    ['another range', { performed: 'X', between: ['2026-01-01', '2026-02-01'] }, 'er:X#1f1papk4oz8'],
    ['numbers', { performed: 'X', sum: 'total', value: { atLeast: 1 }, withinLast: '30d' }, 'hn:X#qinpqv51h3'],
    [
      'the same numbers',
      { performed: 'X', average: 'total', value: { lessThan: 7 }, withinLast: '60d' },
      'hn:X#qinpqv51h3',
    ],
    ['numbers of some', { performed: 'X', maximum: 'total', value: { atLeast: 1 }, where }, 'en:X#239bkaa9l7s'],
    ['different values', { performed: 'X', distinct: 'total', value: { atLeast: 1 } }, 'ev:X#qinpqv51h3'],
    ['times', { performed: 'X', firstTime: { withinLast: '1d' } }, 'et:X#24yjostdob6'],
    ['the same times', { performed: 'X', lastTime: { before: '2026-01-01' } }, 'et:X#24yjostdob6'],
    ['a sequence', { sequence: [{ performed: 'X' }, { performed: 'Y', where }], within: '1h' }, 'eq:X#19lemm7nbg2'],
    [
      'a sequence with a window',
      { sequence: [{ performed: 'X' }, { performed: 'Y', where }], within: '1h', withinLast: '1d' },
      'eq:X#nyb70azika',
    ],
    ['messages', { message: 'opened', withinLast: '7d' }, 'ho:opened#24yjostdob6'],
    ['a list', { listed: 'vip' }, 'el:vip#1mjsfpb3rfi'],
    ['ignored messages', { message: 'ignored', withinLast: '7d' }, 'ei:ignored#1lsgkk8hwk6'],
    [
      'messages of a journey',
      { message: 'opened', journey: 'welcome', withinLast: '7d', atLeast: 3 },
      'ho:opened#1yva39fewsf',
    ],
    ['a trait', { trait: 'born', anniversary: { in: '3d' } }, 'c:keefmfumc6'],
  ])('have names that stay: %s', (_, condition, expected) => {
    expect(mentionsOf(condition).questions.map(({ key }) => key)).toEqual([expected]);
  });
});

describe('grainOf', () => {
  it.each([
    ['60s', 'minute', 1],
    ['24h', 'minute', 1],
    ['25h', 'hour', 90],
    ['12w', 'hour', 90],
    ['13w', 'day', 400],
    ['57w', 'day', 400],
    ['58w', 'day', 800],
    ['999999w', 'day', 400 * 2 ** 15],
    [undefined, 'ever', Infinity],
  ])('of %s is %s, to a reach of %d days', (withinLast, granularity, days) => {
    const reachMs = days * 86_400_000;
    expect(grainOf({ performed: 'X', ...(withinLast && { withinLast }) })).toEqual({ granularity, reachMs });
  });
});

describe('digest', () => {
  it('differs for a hundred thousand texts', () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, index) => digest(`text ${index}`))).size).toBe(100_000);
  });
});
