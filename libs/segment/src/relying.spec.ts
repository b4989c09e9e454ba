import { describe, expect, it } from '@jest/globals';
import type { ComputedTraitDefinition, Condition } from '@tidings/contracts';
import { compileSegments, relyingOnBefore } from './index.js';

const DAY = 86_400_000;
const now = Date.parse('2026-03-02T12:00:00Z');

const traits: readonly ComputedTraitDefinition[] = [
  { id: 'of-9-days', performed: 'A', count: true, withinLast: '9d' },
  { id: 'of-11-days', performed: 'A', where: [{ property: 'a', exists: true }], count: true, withinLast: '11d' },
  { id: 'last-of-9-days', performed: 'A', last: 'sku', withinLast: '9d' },
  { id: 'last-of-11-days', performed: 'A', last: 'sku', withinLast: '11d' },
  { id: 'first', performed: 'A', first: 'sku' },
  { id: 'first-of-9-days', performed: 'A', first: 'sku', withinLast: '9d' },
  { id: 'first-of-11-days', performed: 'A', where: [{ property: 'a', exists: true }], first: 'sku', withinLast: '11d' },
  { id: 'usual-of-9-days', performed: 'A', mostFrequent: 'sku', withinLast: '9d' },
  { id: 'usual', performed: 'A', mostFrequent: 'sku' },
  { id: 'streak', performed: 'A', streak: 'days' },
];

describe('relyingOnBefore', () => {
  it.each<[string, Condition, boolean]>([
    ['how often ever', { performed: 'A', atLeast: 2 }, true],
    ['a window that is shorter', { performed: 'A', atLeast: 2, withinLast: '9d' }, false],
    ['a window that is longer', { performed: 'A', atLeast: 2, withinLast: '11d' }, true],
    ['a window of days that is longer than any of hours', { performed: 'A', withinLast: '100d' }, true],
    ['a sum ever', { performed: 'A', sum: 'total', value: { atLeast: 1 } }, true],
    ['a sum in a window', { performed: 'A', sum: 'total', value: { atLeast: 1 }, withinLast: '2d' }, false],
    ['different values in a window', { performed: 'A', distinct: 'sku', value: { atLeast: 1 }, withinLast: '2d' }, false],
    ['a first time', { performed: 'A', firstTime: { withinLast: '1d' } }, true],
    ['a sequence ever', { sequence: [{ performed: 'A' }, { performed: 'B' }], within: '1d' }, true],
    ['a sequence of late', { sequence: [{ performed: 'A' }, { performed: 'B' }], within: '1d', withinLast: '2d' }, false],
    ['an engagement', { not: { message: 'opened', withinLast: '20d' } }, true],
    ['ignored messages', { message: 'ignored' }, true],
    ['messages that were ignored of late', { message: 'ignored', withinLast: '9d' }, false],
    ['a computed count in a window that is shorter', { computed: 'of-9-days', atMost: 2 }, false],
    ['a computed count in a window that is longer', { computed: 'of-11-days', atMost: 2 }, true],
    ['what was told last in a window that is shorter', { computed: 'last-of-9-days', exists: true }, false],
    ['what was told last in a window that is longer', { computed: 'last-of-11-days', exists: true }, true],
    ['what was told first', { computed: 'first', exists: true }, true],
    ['what was told first in a window that is shorter', { computed: 'first-of-9-days', exists: true }, false],
    ['what was told first in a window that is longer', { computed: 'first-of-11-days', exists: true }, true],
    ['what was told most often in a window that is shorter', { computed: 'usual-of-9-days', exists: true }, false],
    ['what was told most often', { computed: 'usual', exists: true }, true],
    ['a computed streak', { computed: 'streak', atLeast: 3 }, true],
    ['a border that was crossed', { place: { left: { latitude: 0, longitude: 0, km: 1 }, withinLast: '1h' } }, true],
    ['a list', { listed: 'vip' }, true],
    ['a trait', { trait: 'plan', equals: 'pro' }, false],
  ])('%s', (_name, where, relies) => {
    const segments = compileSegments([{ id: 'asked', where }, { id: 'asking', where: { not: { segment: 'asked' } } }], now, traits);
    expect([...relyingOnBefore(segments, now - 10 * DAY, now)].toSorted()).toEqual(relies ? ['asked', 'asking'] : []);
  });
});
