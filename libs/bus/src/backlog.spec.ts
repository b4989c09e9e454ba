import { describe, expect, it } from '@jest/globals';
import { BACKLOG_TOLERANCE_MS, behindOf } from './backlog.js';
import { HeardUntil } from './heard-until.js';

const one = (high: number, committed: number | null, low = 0) => [{ partition: 0, low, high, committed }];

describe('HeardUntil', () => {
  it('is the last look whose end has been passed', () => {
    const heard = new HeardUntil();
    heard.look(1_000, one(10, 10));
    expect(heard.all().get(0)).toBe(1_000);
    heard.look(2_000, one(15, 10));
    heard.look(3_000, one(20, 12));
    expect(heard.all().get(0)).toBe(1_000);
    heard.look(4_000, one(25, 15));
    expect(heard.all().get(0)).toBe(2_000);
    heard.look(5_000, one(25, 25));
    expect(heard.all().get(0)).toBe(5_000);
  });

  it('knows nothing of a partition whose backlog was there before the first look', () => {
    const heard = new HeardUntil();
    heard.look(1_000, one(10, 3));
    expect(heard.all().get(0)).toBe(-Infinity);
  });

  it('takes a partition without messages for heard, whether or not its consumer ever committed', () => {
    const heard = new HeardUntil();
    heard.look(1_000, one(40, null, 40));
    expect(heard.all().get(0)).toBe(1_000);
  });

  it('never says more than is true, however long the backlog lasts', () => {
    const heard = new HeardUntil();
    for (let second = 0; second < 5_000; second++) heard.look(second, one(second + 1, 0));
    for (const done of [1, 400, 2_000, 4_999]) {
      heard.look(6_000, one(6_000, done));
      // The look of second n saw an end of n + 1.
      expect(heard.all().get(0)).toBeLessThanOrEqual(done - 1);
    }
  });
});

describe('behindOf', () => {
  const now = 100_000;
  const late = now - BACKLOG_TOLERANCE_MS - 1;
  const hop = (keyed: boolean, ...until: number[]) => ({ keyed, until: new Map(until.entries()) });

  it('takes the worst of the hops of each partition', () => {
    expect(behindOf([hop(true, late, now, now), hop(true, now, late - 5, now)], now)).toEqual([
      { partition: 0, until: late },
      { partition: 1, until: late - 5 },
    ]);
  });

  it('lets a topic that is not keyed by profile count for all', () => {
    expect(behindOf([hop(false, now, late), hop(true, now, now)], now)).toEqual([
      { partition: 0, until: late },
      { partition: 1, until: late },
    ]);
  });

  it('is nobody while the news is no older than the tolerance', () => {
    expect(behindOf([hop(false, late + 1), hop(true, late + 1, now)], now)).toEqual([]);
  });

  it('says that it does not know before every hop was looked at', () => {
    expect(behindOf([hop(true, now), hop(true)], now)).toBeNull();
  });
});
