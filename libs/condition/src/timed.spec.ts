import { describe, expect, it } from '@jest/globals';
import type { Condition } from '@tidings/contracts';
import fc from 'fast-check';
import { compile } from './compile.js';
import { mentionsOf } from './mentions.js';
import type { Person, Subject } from './subject.js';

const DAY = 86_400_000;
const noon = '2026-03-10T12:00:00Z';

const subject = (value: string, now: number, timezone: string | null): Subject => ({
  person: { id: 'ann', traits: { at: value }, devices: [], consent: {}, timezone },
  now,
  done: { count: () => 0, number: () => undefined, told: () => undefined, frequent: () => undefined, firstIn: () => undefined, times: () => undefined, completedAt: () => null, streak: () => 0 },
  isIn: () => false,
  computed: () => undefined,
});
const turnsOf = (condition: Condition, person: Person, now: number): number | null => {
  const [question] = mentionsOf(condition).questions;
  return question?.kind === 'trait' ? question.turns(person, now) : Number.NaN;
};

describe('the moment at which time alone changes what holds of a trait', () => {
  it.each<[string, Condition, string, string | null, string | null]>([
    ['comes up within the last', { trait: 'at', withinLast: '7d' }, '2026-03-12', null, '2026-03-12T00:00:00.000Z'],
    [
      'is over so long after',
      { trait: 'at', withinLast: '7d' },
      '2026-03-10T11:00:00Z',
      null,
      '2026-03-17T11:00:00.000Z',
    ],
    ['is over for ever', { trait: 'at', withinLast: '7d' }, '2026-03-03T12:00:00Z', null, null],
    [
      'begins so long before',
      { trait: 'at', withinNext: '3d' },
      '2026-04-01',
      'Europe/Berlin',
      '2026-03-28T22:00:00.000Z',
    ],
    [
      'is over when it comes',
      { trait: 'at', withinNext: '3d' },
      '2026-03-12',
      'America/New_York',
      '2026-03-12T04:00:00.000Z',
    ],
    ['never comes for what is no date', { trait: 'at', withinNext: '3d' }, 'soon', null, null],
    [
      'is midnight of the day before a birthday',
      { trait: 'at', anniversary: { in: '1d' } },
      '1990-03-20',
      'Europe/Berlin',
      '2026-03-18T23:00:00.000Z',
    ],
    [
      'is the end of a birthday',
      { trait: 'at', anniversary: {} },
      '1990-03-10',
      'Asia/Tokyo',
      '2026-03-10T15:00:00.000Z',
    ],
    ['is next year', { trait: 'at', anniversary: {} }, '1990-03-09', null, '2027-03-09T00:00:00.000Z'],
    [
      'is 28 February where there is no 29th',
      { trait: 'at', anniversary: {} },
      '1992-02-29',
      null,
      '2027-02-28T00:00:00.000Z',
    ],
    [
      'takes the day that an instant has in the zone',
      { trait: 'at', anniversary: {} },
      '1990-03-10T23:30:00Z',
      'Europe/Berlin',
      '2026-03-10T23:00:00.000Z',
    ],
    [
      'is UTC where the zone is none',
      { trait: 'at', anniversary: {} },
      '1990-03-11',
      'Mars/Base',
      '2026-03-11T00:00:00.000Z',
    ],
  ])('%s', (_, condition, value, timezone, expected) => {
    const now = Date.parse(noon);
    const at = turnsOf(condition, subject(value, now, timezone).person, now);
    expect(at === null ? null : new Date(at).toISOString()).toBe(expected);
    if (at === null) return;
    const answers = [now, at - 1, at].map((moment) => compile(condition)(subject(value, moment, timezone)));
    expect(answers).toEqual([answers[0], answers[0], !answers[0]]);
  });

  const zones = [
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'Asia/Beirut',
    'Asia/Kolkata',
    'Pacific/Kiritimati',
    'Nowhere',
    null,
  ] as const;
  const asked = fc.oneof(
    fc.record({ withinLast: fc.constantFrom('1h', '2d', '30d') }),
    fc.record({ withinNext: fc.constantFrom('1h', '2d', '30d') }),
    fc.record({ anniversary: fc.constantFrom({}, { in: '1d' }, { in: '40d' }, { in: '60w' }) }),
  );
  const moment = fc.date({ min: new Date('2007-01-01'), max: new Date('2029-01-01'), noInvalidDate: true });
  const near = fc.integer({ min: -400, max: 400 });

  it('is the first of any group', () => {
    const condition: Condition = { group: { trait: 'at', withinNext: '1d', where: [{ trait: 'since', withinLast: '3d' }] } };
    const person: Person = {
      ...subject('', 0, null).person,
      groups: [{ traits: { at: '2026-04-01' } }, { traits: { since: '2026-03-09' } }, { traits: {} }],
    };
    expect(turnsOf(condition, person, Date.parse(noon))).toBe(Date.parse('2026-03-12'));
    expect(turnsOf(condition, { ...person, groups: [] }, Date.parse(noon))).toBe(null);
  });

  it('is never late, whatever the zone and the season', () => {
    const walk = fc.record({
      asked,
      timezone: fc.constantFrom(...zones),
      born: moment,
      isDay: fc.boolean(),
      days: near,
      hour: fc.nat(23),
    });
    fc.assert(
      fc.property(walk, ({ asked: given, timezone, born, isDay, days, hour }) => {
        const value = isDay ? born.toISOString().slice(0, 10) : born.toISOString();
        const condition: Condition = { trait: 'at', ...given };
        const holds = compile(condition);
        const start = born.getTime() + days * DAY + hour * 3_600_000;
        const { person } = subject(value, start, timezone);
        const turns = turnsOf(condition, person, start);
        // Who is woken by a moment must be past it.
        if (turns !== null && turns <= start) throw new Error(`turned at ${new Date(turns).toISOString()} already`);
        // Every half hour of two months, which no zone cuts finer than: the answer stays until the moment.
        const until = Math.min(turns ?? Infinity, start + 60 * DAY);
        const before = holds(subject(value, start, timezone));
        for (let now = start; now < until; now += 1_800_000) {
          if (holds(subject(value, now, timezone)) !== before)
            throw new Error(`changed at ${new Date(now).toISOString()}`);
        }
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
