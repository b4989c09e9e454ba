import { describe, expect, it } from '@jest/globals';
import { neededSince } from './history.js';
import type { CounterRule } from './rules.js';
import { aged, counted, countIn, type Count, type Counting, type Threshold } from './counter.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const noon = Date.parse('2026-03-02T12:00:00Z');

const within = (windowMs: number, atLeast: number): Threshold => ({ windowMs, atLeast });
const counting = (granularity: Counting['granularity'], ...thresholds: Threshold[]): Counting => ({
  granularity,
  thresholds,
});
const after = (how: Counting, ...times: number[]): Count | undefined =>
  times.reduce<Count | undefined>((counter, at) => counted(counter, how, at, Math.max(...times)), undefined);

describe('a counter', () => {
  it('that looks at no window is one number', () => {
    expect(after(counting('ever'), noon, noon - 400 * DAY, noon)).toBe(3);
  });

  it('keeps buckets in order, in whatever order events come', () => {
    expect(after(counting('hour'), noon, noon - 5 * HOUR, noon + MINUTE, noon - 2 * HOUR)).toEqual({
      buckets: [noon / HOUR - 5, 1, noon / HOUR - 2, 1, noon / HOUR, 2],
      flipsAt: null,
    });
  });

  it.each<[string, Counting, number, number]>([
    ['an hour, by the minute', counting('minute', within(HOUR, 1)), HOUR, noon + MINUTE + HOUR],
    ['seven days, by the hour', counting('hour', within(7 * DAY, 1)), 7 * DAY, noon + HOUR + 7 * DAY],
    ['a year, by the day', counting('day', within(365 * DAY, 1)), 365 * DAY, noon + DAY / 2 + 365 * DAY],
  ])('lets an event leave a window of %s', (_, how, windowMs, leavesAt) => {
    const counter = after(how, noon + 30_000);
    expect(counter).toMatchObject({ flipsAt: leavesAt });
    expect(countIn(counter, how.granularity, windowMs, leavesAt - 1)).toBe(1);
    expect(countIn(counter, how.granularity, windowMs, leavesAt)).toBe(0);
  });

  it('flips when the bucket leaves without which the threshold is not met', () => {
    const how = counting('hour', within(7 * DAY, 2));
    const counter = after(how, noon - 3 * DAY, noon - 2 * DAY, noon - DAY);
    expect(counter).toMatchObject({ flipsAt: noon - 2 * DAY + HOUR + 7 * DAY });
  });

  it('flips at the first of its thresholds', () => {
    const how = counting('hour', within(30 * DAY, 1), within(2 * DAY, 1), within(7 * DAY, 5));
    expect(after(how, noon)).toMatchObject({ flipsAt: noon + HOUR + 2 * DAY });
  });

  it('has nothing to wait for when no threshold is met', () => {
    expect(after(counting('hour', within(7 * DAY, 3)), noon, noon)).toMatchObject({ flipsAt: null });
  });

  it('does not count what happened before any window', () => {
    const how = counting('minute', within(DAY, 1));
    expect(counted(undefined, how, noon - DAY - MINUTE, noon)).toEqual({ buckets: [], flipsAt: null });
    expect(counted(undefined, how, noon - DAY, noon)).toMatchObject({ flipsAt: noon + MINUTE });
  });

  it('forgets buckets that no window reaches any more, and days never', () => {
    const minutes = counting('minute', within(HOUR, 1));
    expect(aged(after(minutes, noon) ?? 0, minutes, noon + DAY + MINUTE)).toEqual({ buckets: [], flipsAt: null });
    const days = counting('day', within(100 * DAY, 1));
    expect(aged(after(days, noon) ?? 0, days, noon + 5000 * DAY)).toMatchObject({ buckets: [noon / DAY - 0.5, 1] });
  });
});

describe('the history that a counter needs', () => {
  const rule = (granularity: Counting['granularity']) => ({ kind: 'count', granularity }) as CounterRule;
  const sequence = (lastMs: number) => ({ kind: 'sequence', lastMs, withinMs: HOUR }) as CounterRule;
  it.each<[string, CounterRule[], number]>([
    ['by the minute', [rule('minute')], noon - DAY],
    ['by the hour, for the longest window there can be', [rule('minute'), rule('hour')], noon - 90 * DAY],
    ['by the day', [rule('day')], -Infinity],
    ['without a window', [rule('hour'), rule('ever')], -Infinity],
    ['of a sequence, to the first of the earliest that counts', [sequence(DAY)], noon - DAY - HOUR],
    ['of a sequence without a window', [sequence(Infinity)], -Infinity],
    ['of first and last times', [{ kind: 'times' } as CounterRule], -Infinity],
  ])('%s', (_, rules, expected) => {
    expect(neededSince(rules, noon)).toBe(expected);
  });
});
