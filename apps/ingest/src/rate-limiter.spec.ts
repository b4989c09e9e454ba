import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  it("lets two seconds' worth through at once, then as much as comes in", () => {
    const limiter = new RateLimiter(10);
    limiter.charge('a', 20, 0);
    expect(limiter.secondsToWait('a', 0)).toBe(1);
    expect(limiter.secondsToWait('a', 200)).toBe(0);
  });

  it('lets a call larger than the bucket through, and makes it pay', () => {
    const limiter = new RateLimiter(10);
    expect(limiter.secondsToWait('a', 0)).toBe(0);
    limiter.charge('a', 120, 0);
    expect(limiter.secondsToWait('a', 0)).toBe(11);
    expect(limiter.secondsToWait('a', 10_100)).toBe(0);
  });

  it('keeps ids apart, and never saves up more than the bucket', () => {
    const limiter = new RateLimiter(10);
    limiter.charge('a', 100, 0);
    expect(limiter.secondsToWait('b', 0)).toBe(0);
    limiter.charge('b', 20, 3_600_000);
    expect(limiter.secondsToWait('b', 3_600_000)).toBeGreaterThan(0);
  });
});
