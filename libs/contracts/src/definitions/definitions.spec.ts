import { describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/compile';
import { conditionKinds, ConditionSchema } from './condition.js';
import { Duration, durationMs } from './duration.js';
import { JourneyDefinition, Step, stepTypes } from './journey-definition.js';

describe('durationMs', () => {
  it.each([
    ['1s', 1_000],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['36h', 129_600_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['999999w', 604_799_395_200_000],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
    expect(Compile(Duration).Check(text)).toBe(true);
  });

  it.each(['', 's', '10', '0s', '01m', '1.5h', '-1d', '1 d', '1D', '1000000s', '1y'])('%j is no duration', (text) => {
    expect(Compile(Duration).Check(text)).toBe(false);
  });

  it.each(['', '10', '1y', 'xs'])('throws on %j rather than wait for ever', (text) => {
    expect(() => durationMs(text)).toThrow('not a duration');
  });
});

describe('conditions', () => {
  const check = Compile(ConditionSchema);
  const samples: Readonly<Record<keyof typeof conditionKinds, object>> = {
    all: { all: [{ trait: 'a', exists: true }] },
    any: { any: [{ segment: 'x' }, { not: { trait: 'b', equals: null } }] },
    not: { not: { all: [{ performed: 'x' }] } },
    trait: { trait: 'address.city', oneOf: ['Porto'], notEquals: 'Faro', contains: 'o', greaterThan: 1, lessThan: 2 },
    computed: { computed: 'orders-total', atLeast: 100, lessThan: 1000 },
    performed: {
      performed: 'Order Completed',
      atLeast: 3,
      withinLast: '30d',
      where: [{ property: 'total', greaterThan: 20 }],
    },
    sequence: { sequence: [{ performed: 'A' }, { performed: 'B' }], without: [{ performed: 'C' }], within: '1h' },
    message: { message: 'opened', journey: 'welcome', step: 'hello', channel: 'email', atLeast: 2, withinLast: '30d' },
    listed: { listed: 'vip' },
    segment: { segment: 'frequent-buyers' },
    device: { device: { platform: 'ios', appVersion: { atLeast: '3.10', lessThan: '4' }, pushEnabled: true } },
    place: { place: { country: ['DE', 'AT'], within: { latitude: 52.52, longitude: 13.4, km: 50 } } },
    group: { group: { trait: 'plan', equals: 'pro', where: [{ trait: 'seats', atLeast: 10 }] } },
    consent: { consent: 'email', is: 'agreed' },
    bucket: { bucket: { percent: 10, salt: 'test' } },
  };

  it.each(Object.entries(samples))('know the kind %s, by itself and in the whole language', (kind, sample) => {
    expect(check.Errors(sample)).toEqual([]);
    // The kinds by themselves refer to the whole language, which only the whole schema defines.
    const alone = conditionKinds[kind as keyof typeof conditionKinds];
    expect(Object.keys(alone.properties)[0]).toBe(kind);
  });

  it.each<[string, unknown]>([
    ['an unknown kind', { trais: 'plan', equals: 'x' }],
    ['two kinds at once', { trait: 'plan', segment: 'x' }],
    ['an empty list', { all: [] }],
    ['a list that is none', { any: { trait: 'x' } }],
    ['an unknown comparison', { trait: 'plan', is: 'premium' }],
    ['a trait without a name', { trait: '' }],
    ['zero times', { performed: 'x', atLeast: 0 }],
    ['a trait where a property is meant', { performed: 'x', where: [{ trait: 'total', exists: true }] }],
    ['an object to compare with', { trait: 'x', equals: { a: 1 } }],
    ['an error deep inside', { all: [{ not: { any: [{ performed: 'x', withinLast: 'soon' }] } }] }],
    ['nothing', null],
  ])('refuse %s', (_, condition) => {
    expect(check.Check(condition)).toBe(false);
  });
});

describe('journeys', () => {
  const journey = {
    id: 'welcome',
    entry: [{ event: 'Signed Up' }],
    steps: [{ id: 'hello', message: { email: { template: 'welcome' } } }],
  };
  const check = Compile(JourneyDefinition);

  it('know their steps by one key each', () => {
    expect(Object.entries(stepTypes).map(([key, { properties }]) => key in properties)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(Step.anyOf).toHaveLength(Object.keys(stepTypes).length);
    expect(check.Errors(journey)).toEqual([]);
  });

  it.each<[string, object]>([
    ['no way in', { ...journey, entry: [] }],
    ['no steps', { ...journey, steps: [] }],
    [
      'a step that does two things',
      { ...journey, steps: [{ id: 'a', delay: '1d', message: { email: { template: 'w' } } }] },
    ],
    ['a step without a name', { ...journey, steps: [{ delay: '1d' }] }],
    ['an unknown channel', { ...journey, steps: [{ id: 'a', message: { pigeon: { template: 'w' } } }] }],
    ['an unknown field', { ...journey, exits: [] }],
    ['a key that is nowhere in the event', { ...journey, key: 'cart_id' }],
    ['a wait without end', { ...journey, steps: [{ id: 'a', waitFor: { event: 'x' } }] }],
  ])('refuse %s', (_, wrong) => {
    expect(check.Check(wrong)).toBe(false);
  });
});
