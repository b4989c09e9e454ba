import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysIn, joinDays, MOST_ACTIVE_DAYS, withDay } from './active-days.js';

const noted = (days: readonly number[]) => days.reduce(withDay, '');
const sorted = (days: readonly number[]) => [...new Set(days)].toSorted((a, b) => a - b);
const near = fc.array(fc.integer({ min: 20_000, max: 20_000 + MOST_ACTIVE_DAYS - 1 }), { maxLength: 60 });

describe('active days', () => {
  it('are written as the first of them and a bit for each since', () => {
    expect(noted([20_500])).toBe('20500:1');
    expect(noted([20_500, 20_501, 20_504, 20_511])).toBe('20500:318');
    expect(noted([20_500, 20_496])).toBe('20496:11');
  });

  it('are those that were noted, in whichever order and however often', () => {
    fc.assert(fc.property(near, (days) => expect(daysIn(noted(days))).toEqual(sorted(days))));
  });

  it('stay the same text when a day comes again', () => {
    fc.assert(
      fc.property(near, (days) => {
        const once = noted(days);
        for (const day of days) expect(withDay(once, day)).toBe(once);
      }),
    );
  });

  it('are joined as if they had been noted of one person', () => {
    fc.assert(fc.property(near, near, (a, b) => expect(joinDays(noted(a), noted(b))).toBe(noted([...a, ...b]))));
  });

  it('let go of what was too long ago, and take no more room than that', () => {
    const days = noted([20_000, 20_001, 20_001 + MOST_ACTIVE_DAYS]);
    expect(daysIn(days)).toEqual([20_001 + MOST_ACTIVE_DAYS]);
    const every = noted(Array.from({ length: 2 * MOST_ACTIVE_DAYS }, (_none, n) => 20_000 + n));
    expect(daysIn(every)).toHaveLength(MOST_ACTIVE_DAYS);
    expect(every.length).toBeLessThan(150);
  });
});
