import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calendarDay, dayBegins } from './calendar-day.js';

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

describe('the beginning of a day', () => {
  it.each([
    ['in UTC', '2026-11-01', null, '2026-11-01T00:00Z'],
    ['where clocks go back over midnight, at the first', '2026-11-01', 'America/Havana', '2026-11-01T04:00Z'],
    ['where clocks skip midnight, at the first instant after', '2026-03-08', 'America/Havana', '2026-03-08T05:00Z'],
    ['where clocks go back elsewhere', '2026-10-25', 'Europe/Berlin', '2026-10-24T22:00Z'],
  ])('%s', (_, date, zone, instant) => {
    expect(new Date(dayBegins(dayOf(date), zone)).toISOString()).toBe(new Date(instant).toISOString());
  });

  it('is the first instant that the calendar has on that day', () => {
    const zones = fc.constantFrom(null, 'America/Havana', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Asia/Beirut', 'America/Asuncion');
    const days = fc.integer({ min: dayOf('2015-01-01'), max: dayOf('2030-01-01') });
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const begins = dayBegins(day, zone);
        expect([calendarDay(begins - 1, zone), calendarDay(begins, zone)]).toEqual([day - 1, day]);
      }),
      { numRuns: 2_000 },
    );
  });
});
