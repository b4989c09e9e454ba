import { expect, it } from '@jest/globals';
import type { Condition } from '@tidings/contracts';
import { mentionsOf } from './mentions.js';

it('finds everything a condition looks at, at any depth', () => {
  const performed = { performed: 'X', atLeast: 2 };
  const mentions = mentionsOf({
    all: [
      { any: [{ trait: 'plan', exists: true }, { not: { trait: 'address.city', exists: true } }] },
      performed,
      { segment: 'a' },
    ],
  });
  expect([...mentions.traits]).toEqual(['plan', 'address.city', 'address']);
  expect(mentions.questions).toMatchObject([{ kind: 'count', key: 'e:X', thresholds: [2] }]);
  expect([...mentions.segments]).toEqual(['a']);
});

it.each<[string, Condition, readonly string[]]>([
  ['devices', { not: { device: { pushEnabled: true } } }, ['devices']],
  ['where they are', { place: { city: 'Porto' } }, ['place']],
  ['not how near they are alone: that is a circle', { place: { within: { latitude: 0, longitude: 0, km: 1 } } }, []],
  ['where they are, also with how near', { place: { city: 'Porto', within: { latitude: 0, longitude: 0, km: 1 } } }, ['place']],
  ['not where they are, but what they crossed', { place: { left: { latitude: 0, longitude: 0, km: 1 }, withinLast: '1h' } }, []],
  ['consent', { consent: 'email', is: 'agreed' }, ['consent']],
  ['the zone in which a date begins', { trait: 'born', before: '2000-01-01' }, ['timezone']],
  ['the zone in which the days of a streak begin', { computed: 'streak', atLeast: 7 }, ['timezone']],
  ['groups', { group: { trait: 'plan', equals: 'pro' } }, ['groups']],
  ['groups and the zone', { group: { trait: 'a', exists: true, where: [{ trait: 'b', after: '2026-01-01' }] } }, ['groups', 'timezone']],
  ['no zone without a date', { all: [{ trait: 'a', atLeast: 1 }, { bucket: { percent: 1 } }] }, []],
])('finds %s', (_, condition, expected) => {
  expect([...mentionsOf(condition).aspects]).toEqual(expected);
});

it('finds computed traits, and what must be kept for those that are known', () => {
  const trait = { id: 'spent', performed: 'Ordered', sum: 'total', withinLast: '30d' };
  const condition = { all: [{ computed: 'spent', atLeast: 100 }, { not: { computed: 'gone', exists: true } }] };
  const { computed, questions } = mentionsOf(condition, new Map([['spent', trait]]));
  expect([...computed]).toEqual(['spent', 'gone']);
  expect(questions).toMatchObject([{ kind: 'number', of: 'sum', property: 'total', granularity: 'hour' }]);
  expect(mentionsOf(condition).questions).toEqual([]);
});
