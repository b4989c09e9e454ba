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
  reachMs: { minute: DAY, hour: 90 * DAY, day: 400 * DAY, ever: Infinity }[granularity],
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
      buckets: [noon - 5 * HOUR, 1, noon - 2 * HOUR, 1, noon + MINUTE, 2],
      flipsAt: null,
    });
  });

  it.each<[string, Counting, number]>([
    ['an hour, by the minute', counting('minute', within(HOUR, 1)), HOUR],
    ['seven days, by the hour', counting('hour', within(7 * DAY, 1)), 7 * DAY],
    ['a year, by the day', counting('day', within(365 * DAY, 1)), 365 * DAY],
  ])('lets an event leave a window of %s at its own time', (_, how, windowMs) => {
    const counter = after(how, noon + 30_000);
    const leavesAt = noon + 30_000 + windowMs;
    expect(counter).toMatchObject({ flipsAt: leavesAt });
    expect(countIn(counter, windowMs, leavesAt - 1)).toBe(1);
    expect(countIn(counter, windowMs, leavesAt)).toBe(0);
  });

  it.each<[string, Counting['granularity'], number, number]>([
    ['minute', 'minute', MINUTE, HOUR],
    ['hour', 'hour', HOUR, 7 * DAY],
    ['day', 'day', DAY, 365 * DAY],
  ])('lets what was done in one %s leave together, with the last of it, in whatever order it came', (_, granularity, size, windowMs) => {
    const [first, last] = [Math.floor(noon / size) * size, Math.floor(noon / size) * size + size - 1];
    const how = counting(granularity, within(windowMs, 1), within(windowMs, 2));
    for (const times of [[first, last], [last, first]]) {
      const counter = after(how, ...times);
      expect(counter).toMatchObject({ flipsAt: last + windowMs });
      expect([last - 1, last].map((at) => countIn(counter, windowMs, at + windowMs))).toEqual([2, 0]);
    }
  });

  it('flips when the bucket leaves without which the threshold is not met', () => {
    const how = counting('hour', within(7 * DAY, 2));
    const counter = after(how, noon - 3 * DAY, noon - 2 * DAY, noon - DAY);
    expect(counter).toMatchObject({ flipsAt: noon - 2 * DAY + 7 * DAY });
  });

  it('flips at the first of its thresholds', () => {
    const how = counting('hour', within(30 * DAY, 1), within(2 * DAY, 1), within(7 * DAY, 5));
    expect(after(how, noon)).toMatchObject({ flipsAt: noon + 2 * DAY });
  });

  it('has nothing to wait for when no threshold is met', () => {
    expect(after(counting('hour', within(7 * DAY, 3)), noon, noon)).toMatchObject({ flipsAt: null });
  });

  it('does not keep what happened before any window', () => {
    const how = counting('minute', within(DAY, 1));
    expect(counted(undefined, how, noon - DAY - MINUTE, noon)).toEqual({ buckets: [], flipsAt: null });
    expect(counted(undefined, how, noon - DAY, noon)).toEqual({ buckets: [noon - DAY, 1], flipsAt: null });
    expect(counted(undefined, how, noon - DAY + 1, noon)).toMatchObject({ flipsAt: noon + 1 });
  });

  it.each<[Counting['granularity'], number, number]>([
    ['minute', MINUTE, DAY],
    ['hour', HOUR, 90 * DAY],
    ['day', DAY, 400 * DAY],
  ])('by the %s forgets what no window reaches any more, and does not begin it again', (granularity, size, reachMs) => {
    const how = counting(granularity, within(reachMs, 1));
    const last = Math.floor(noon / size) * size + size - 1;
    const kept = aged(after(how, last - 1) ?? 0, how, last + reachMs);
    expect(kept).toEqual({ buckets: [last - 1, 1], flipsAt: null });
    // The last of its bucket may yet come, and then what came before it counts with it.
    expect(counted(kept, how, last, last + reachMs - 1)).toEqual({ buckets: [last, 2], flipsAt: last + reachMs });
    expect(aged(kept, how, last + 1 + reachMs)).toEqual({ buckets: [], flipsAt: null });
    expect(counted({ buckets: [], flipsAt: null }, how, last, last + 1 + reachMs)).toEqual({ buckets: [], flipsAt: null });
  });
});

describe('the history that a counter needs', () => {
  const rule = (granularity: Counting['granularity']) => ({ kind: 'count', ...counting(granularity) }) as CounterRule;
  const sequence = (lastMs: number) => ({ kind: 'sequence', lastMs, withinMs: HOUR }) as CounterRule;
  it.each<[string, CounterRule[], number]>([
    ['by the minute', [rule('minute')], noon - DAY],
    ['by the hour, for the longest window there can be', [rule('minute'), rule('hour')], noon - 90 * DAY],
    ['by the day', [rule('minute'), rule('day')], noon - 400 * DAY - DAY / 2],
    ['without a window', [rule('hour'), rule('ever')], -Infinity],
    ['of a sequence, to the first of the earliest that counts', [sequence(DAY)], noon - DAY - HOUR],
    ['of a sequence without a window', [sequence(Infinity)], -Infinity],
    ['of first and last times', [{ kind: 'times' } as CounterRule], -Infinity],
  ])('%s', (_, rules, expected) => {
    expect(neededSince(rules, noon)).toBe(expected);
  });
});
