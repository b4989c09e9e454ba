import { describe, expect, it } from '@jest/globals';
import type { Condition, Values } from '@tidings/contracts';
import { compile } from './compile.js';
import { counterKey } from './counter-key.js';
import { parseCondition } from './parse-condition.js';
import type { Subject } from './subject.js';

const ada: Values = {
  plan: 'pro',
  age: 36,
  score: '36',
  tags: ['early', 7],
  address: { city: 'London', lines: ['1 Main St'] },
  'address.zip': 'N1',
  none: null,
};
const of = (traits: Values, counts: Readonly<Record<string, number>> = {}): Subject => ({
  traits,
  count: (counter, windowMs) => counts[`${counter} ${windowMs}`] ?? 0,
  isIn: (segment) => segment === 'premium',
});
const holds = (condition: Condition, subject = of(ada)): boolean => {
  expect(parseCondition(condition, 'where')).toMatchObject({ ok: true });
  return compile(condition)(subject);
};

describe('compile', () => {
  it.each<[string, Condition, boolean]>([
    ['equals the same text', { trait: 'plan', equals: 'pro' }, true],
    ['tells upper from lower case', { trait: 'plan', equals: 'Pro' }, false],
    ['does not take a text for a number', { trait: 'score', equals: 36 }, false],
    ['takes what is absent for null', { trait: 'missing', equals: null }, true],
    ['never equals a list', { trait: 'tags', equals: 'early' }, false],
    ['is not equal to another value', { trait: 'plan', notEquals: 'free' }, true],
    ['is not equal when absent', { trait: 'missing', notEquals: 'free' }, true],
    ['is one of', { trait: 'plan', oneOf: ['free', 'pro'] }, true],
    ['is none of', { trait: 'plan', oneOf: ['free', 1] }, false],
    ['contains a part', { trait: 'plan', contains: 'ro' }, true],
    ['contains an item', { trait: 'tags', contains: 7 }, true],
    ['contains no part of an item', { trait: 'tags', contains: 'ear' }, false],
    ['a number contains nothing', { trait: 'age', contains: 3 }, false],
    ['exists', { trait: 'age', exists: true }, true],
    ['null does not exist', { trait: 'none', exists: true }, false],
    ['is absent', { trait: 'missing', exists: false }, true],
    ['is greater', { trait: 'age', greaterThan: 35 }, true],
    ['is not greater than itself', { trait: 'age', greaterThan: 36 }, false],
    ['a text is never greater', { trait: 'score', greaterThan: 1 }, false],
    ['is less', { trait: 'age', lessThan: 36.5 }, true],
    ['lies between', { trait: 'age', greaterThan: 30, lessThan: 36 }, false],
    ['looks into an object', { trait: 'address.city', equals: 'London' }, true],
    ['looks into a list', { trait: 'address.lines.0', contains: 'Main' }, true],
    ['prefers a name with a dot in it', { trait: 'address.zip', equals: 'N1' }, true],
    ['sees no inherited trait', { trait: 'toString', exists: true }, false],
    ['sees no prototype', { trait: '__proto__', exists: true }, false],
    ['sees no prototype of an inner object', { trait: 'address.constructor.name', exists: true }, false],
    [
      'all hold',
      {
        all: [
          { trait: 'plan', equals: 'pro' },
          { trait: 'age', equals: 36 },
        ],
      },
      true,
    ],
    [
      'not all hold',
      {
        all: [
          { trait: 'plan', equals: 'pro' },
          { trait: 'age', equals: 1 },
        ],
      },
      false,
    ],
    [
      'any holds',
      {
        any: [
          { trait: 'plan', equals: 'x' },
          { trait: 'age', equals: 36 },
        ],
      },
      true,
    ],
    [
      'none holds',
      {
        any: [
          { trait: 'plan', equals: 'x' },
          { trait: 'age', equals: 1 },
        ],
      },
      false,
    ],
    ['not', { not: { trait: 'plan', equals: 'pro' } }, false],
    ['is in a segment', { segment: 'premium' }, true],
    ['is not in a segment', { segment: 'others' }, false],
  ])('%s', (_, condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it('asks for the count of a performed event with its window', () => {
    const condition = { performed: 'Order Completed', atLeast: 3, withinLast: '30d' };
    const counted = (count: number) => of({}, { [`${counterKey(condition)} ${30 * 86_400_000}`]: count });
    expect([2, 3, 4].map((count) => holds(condition, counted(count)))).toEqual([false, true, true]);
  });

  it('asks for once, ever, when neither is said', () => {
    expect(holds({ performed: 'X' }, of({}, { 'e:X null': 1 }))).toBe(true);
    expect(holds({ performed: 'X' })).toBe(false);
  });

  it('sees traits that the sender named like parts of the prototype', () => {
    const traits = JSON.parse('{"__proto__":"x","hasOwnProperty":1}') as Values;
    expect(holds({ trait: '__proto__', equals: 'x' }, of(traits))).toBe(true);
    expect(holds({ trait: 'hasOwnProperty', equals: 1 }, of(traits))).toBe(true);
  });
});
