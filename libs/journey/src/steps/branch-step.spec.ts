import { expect, it } from '@jest/globals';
import type { Condition, Profile } from '@tidings/contracts';
import { branchStep } from './branch-step.js';

const noon = '2026-03-10T12:00:00.000Z';
const profile: Profile = {
  id: 'ann',
  version: 1,
  traits: { plan: 'pro', born: '1990-03-13', trialEnds: '2026-03-12' },
  devices: [{ id: 'phone', type: 'ios', token: 't', seenAt: noon }],
  consent: { email: true },
  timezone: 'Europe/Berlin',
  locale: null,
  segments: ['buyers'],
  createdAt: noon,
  computed: { orders: 3, favourite: 'shoes' },
  groups: [{ id: 'x', traits: {} }, { id: 'acme', traits: { plan: 'team' } }],
};

it.each<[string, Condition, boolean]>([
  ['a trait', { trait: 'plan', startsWith: 'p' }, true],
  ['a date, seen from when the run came to the step', { trait: 'trialEnds', withinNext: '2d' }, true],
  ['a date that is too far away then', { trait: 'trialEnds', withinNext: '1d' }, false],
  ['an anniversary', { trait: 'born', anniversary: { in: '3d' } }, true],
  ['a computed trait', { computed: 'orders', between: [3, 5] }, true],
  ['a computed trait that is a text', { computed: 'favourite', oneOf: ['shoes', 'bags'] }, true],
  ['a number of what is a text', { computed: 'favourite', atLeast: 0 }, false],
  ['a computed trait that has no value', { computed: 'toString', exists: true }, false],
  ['a trait of one of the groups', { group: { trait: 'plan', equals: 'team' } }, true],
  ['a trait that no group has', { group: { trait: 'plan', equals: 'pro' } }, false],
  ['a segment', { segment: 'buyers' }, true],
  ['a device', { device: { platform: 'ios', pushEnabled: true } }, true],
  ['consent', { not: { consent: 'email', is: 'agreed' } }, false],
  ['a share of all', { bucket: { percent: 0 } }, false],
])('a branch can ask for %s', (_, condition, holds) => {
  const step = branchStep({ id: 'ask', branch: { if: condition, then: 'yes', else: 'no' } });
  expect(step.visit({ key: null, since: noon, at: noon, event: null, profile })).toEqual({
    kind: 'go',
    to: holds ? 'yes' : 'no',
    at: noon,
  });
});
