import { describe, expect, it } from '@jest/globals';
import type { ComputedTraitDefinition } from '@tidings/contracts';
import fc from 'fast-check';
import { recomputedValue } from './recomputed-value.fixture.js';
import { agedStreak, marked, streakIn, type Marked, type StreakAsk } from './streak.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(`2026-${text}Z`);
const after = (moments: readonly number[], asks: readonly StreakAsk[] = [], timezone: string | null = null, now = Math.max(...moments)) =>
  moments.reduce<Marked | undefined>((counter, moment) => marked(counter, { asks }, moment, { now, timezone }), undefined);
const days = (from: string, count: number) => Array.from({ length: count }, (_, index) => at(`${from}T12:00`) + index * DAY);

describe('a streak', () => {
  it.each<[string, number[], number, [now: string, length: number][]]>([
    ['is nothing where nothing was done', [], 3, [['03-02T12:00', 0]]],
    ['counts days, not times', [at('03-02T08:00'), at('03-02T20:00'), at('03-03T01:00')], 0, [['03-03T12:00', 2]]],
    ['lasts through a day that is not over', days('03-02', 3), 0, [['03-05T00:00', 3], ['03-05T23:59', 3], ['03-06T00:00', 0]]],
    ['forgives so many days', days('03-02', 3), 2, [['03-07T23:59', 3], ['03-08T00:00', 0]]],
    ['does not count the days that are forgiven', [...days('03-02', 2), ...days('03-05', 2)], 1, [['03-06T13:00', 4]]],
    ['forgives a day once: what lies before a further one is no longer of it', [...days('03-02', 2), ...days('03-05', 2), ...days('03-08', 1)], 1, [['03-08T13:00', 3], ['03-09T23:00', 3], ['03-10T00:00', 1], ['03-11T00:00', 0]]],
    ['has whatever its days are, late ones too', [...days('03-04', 1), ...days('03-02', 1), ...days('03-03', 1)], 0, [['03-04T20:00', 3]]],
  ])('%s', (_, moments, freezeDays, expected) => {
    const counter = after(moments);
    const lengths = expected.map(([now]) => [now, streakIn(counter, freezeDays, { now: at(now), timezone: null })]);
    expect(lengths).toEqual(expected);
  }); // prettier-ignore

  it.each<[string, string, string[], string, number]>([
    ['begins its days where the person lives', 'America/New_York', ['03-02T03:00', '03-02T06:00'], '03-02T07:00', 2],
    ['has days of 23 hours', 'Europe/Berlin', ['03-28T22:30', '03-28T23:30', '03-29T22:30'], '03-29T22:40', 3],
    ['has days of 25 hours', 'Europe/Berlin', ['10-24T22:30', '10-25T22:30', '10-25T23:30'], '10-25T23:40', 2],
    ['knows zones of quarters of an hour', 'Asia/Kathmandu', ['03-02T18:14', '03-02T18:15'], '03-02T18:20', 2],
  ])('%s', (_, timezone, moments, now, expected) => {
    expect(streakIn(after(moments.map(at)), 0, { now: at(now), timezone })).toBe(expected);
  });

  it('changes an answer at the midnight after the last day that is forgiven, where the person lives', () => {
    const ask = { freezeDays: 1, holds: (length: number) => length >= 3 };
    const counter = after(days('03-02', 3), [ask], 'Asia/Kathmandu');
    expect(new Date(counter?.flipsAt ?? 0).toISOString()).toBe('2026-03-06T18:15:00.000Z');
    const elsewhere = agedStreak(counter, { asks: [ask] }, { now: at('03-04T12:00'), timezone: 'America/New_York' });
    expect(new Date(elsewhere.flipsAt ?? 0).toISOString()).toBe('2026-03-07T05:00:00.000Z');
  });

  it('is followed back 1,100 days, whose order does not matter, in few letters', () => {
    const moments = Array.from({ length: 1_200 }, (_, index) => at('03-02T12:00') - index * DAY);
    const counter = after(moments);
    expect(streakIn(counter, 0, { now: at('03-02T12:00'), timezone: 'Europe/Berlin' })).toBe(1_100);
    expect(JSON.stringify(counter).length).toBeLessThan(3_400);
    expect(after(moments.toReversed())).toEqual(counter);
  });

  it('equals what its definition says, whatever the order, the zone and the time', () => {
    const zones = fc.constantFrom(null, 'Europe/London', 'America/St_Johns', 'Pacific/Kiritimati', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/Havana', 'Africa/Casablanca', 'Nowhere');
    const moments = fc.array(fc.integer({ min: 0, max: 20 * 24 * 4 }), { minLength: 5, maxLength: 40, size: 'max' });
    const starts = fc.constantFrom('02-27T00:00', '03-20T07:00', '10-15T00:00');
    fc.assert(
      fc.property(moments, starts, zones, fc.nat(3), fc.nat(6 * 24), (quarters, from, timezone, freezeDays, hours) => {
        const history = quarters.map((quarter) => at(from) + quarter * 15 * 60_000);
        const now = Math.max(...history) + hours * HOUR;
        const trait: ComputedTraitDefinition = { id: 'x', performed: 'X', streak: 'days', freezeDays };
        const person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone };
        const done = history.map((moment) => ({ heard: 'performed' as const, name: 'X', properties: {}, at: moment }));
        const told = after(history, [{ freezeDays, holds: (length) => length > 2 }], timezone, now);
        const lengthAt = (moment: number) => recomputedValue(trait, done, person, moment);
        expect(streakIn(told, freezeDays, { now, timezone })).toBe(lengthAt(now));
        const holds = (moment: number) => Number(lengthAt(moment)) > 2;
        const flipsAt = told?.flipsAt ?? null;
        if (flipsAt === null) expect(holds(now + 40 * DAY)).toBe(holds(now));
        else expect([holds(flipsAt - 1), holds(flipsAt)]).toEqual([holds(now), !holds(now)]);
      }),
      { numRuns: 400 },
    );
  });
});
