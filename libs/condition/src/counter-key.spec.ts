import { describe, expect, it } from '@jest/globals';
import type { PerformedCondition } from '@tidings/contracts';
import { counterKey, granularityOf } from './counter-key.js';
import { digest } from './digest.js';

describe('counterKey', () => {
  // Counters are kept under these names in every profile: a change here forgets what was counted.
  it.each<[string, PerformedCondition, string]>([
    ['ever', { performed: 'Order Completed' }, 'e:Order Completed'],
    ['up to a day', { performed: 'Order Completed', withinLast: '1d' }, 'm:Order Completed'],
    ['up to 90 days', { performed: 'Order Completed', withinLast: '90d' }, 'h:Order Completed'],
    ['longer', { performed: 'Order Completed', withinLast: '91d', atLeast: 5 }, 'd:Order Completed'],
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

describe('granularityOf', () => {
  it.each([
    ['60s', 'minute'],
    ['24h', 'minute'],
    ['25h', 'hour'],
    ['12w', 'hour'],
    ['13w', 'day'],
    [undefined, 'ever'],
  ])('of %s is %s', (withinLast, expected) => {
    expect(granularityOf({ performed: 'X', ...(withinLast && { withinLast }) })).toBe(expected);
  });
});

describe('digest', () => {
  it('differs for a hundred thousand texts', () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, index) => digest(`text ${index}`))).size).toBe(100_000);
  });
});
