import { expect, it } from '@jest/globals';
import type { Condition, Values } from '@tidings/contracts';
import { compile } from '../compile.js';
import { parseCondition } from '../parse-condition.js';
import type { Subject } from '../subject.js';

const subject = (...groups: Values[]): Subject => ({
  person: {
    id: 'ann',
    traits: { plan: 'trial' },
    devices: [],
    consent: {},
    timezone: null,
    groups: groups.map((traits) => ({ traits })),
  },
  now: Date.parse('2026-03-10T12:00:00Z'),
  done: { count: () => 0, number: () => undefined, told: () => undefined, frequent: () => undefined, firstIn: () => undefined, times: () => undefined, completedAt: () => null, streak: () => 0 },
  isIn: () => false,
  computed: () => undefined,
});
const acme = { plan: 'pro', seats: 3, renews: '2026-03-12' };
const club = { plan: 'free', seats: 12, address: { city: 'Lisbon' } };

it.each<[string, Condition, boolean]>([
  ['a trait of one of the groups', { group: { trait: 'plan', equals: 'pro' } }, true],
  ['a trait that is only the person’s', { group: { trait: 'plan', equals: 'trial' } }, false],
  ['all of it of one group', { group: { trait: 'plan', equals: 'pro', where: [{ trait: 'seats', atLeast: 10 }] } }, false],
  ['all of it of the same group', { group: { trait: 'plan', equals: 'free', where: [{ trait: 'seats', atLeast: 10 }] } }, true],
  ['a nested trait of a group', { group: { trait: 'address.city', startsWith: 'Lis' } }, true],
  ['a trait of a group by the day', { group: { trait: 'renews', withinNext: '3d' } }, true],
  ['a trait that a group has not', { group: { trait: 'renews', exists: false } }, true],
])('asks for %s', (_, condition, expected) => {
  expect(parseCondition(condition, 'where')).toMatchObject({ ok: true });
  expect(compile(condition)(subject(acme, club))).toBe(expected);
});

it('holds of nobody who belongs to no group', () => {
  expect(compile({ group: { trait: 'plan', exists: false } })(subject())).toBe(false);
});
