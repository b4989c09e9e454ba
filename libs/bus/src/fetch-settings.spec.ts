import { describe, expect, it } from '@jest/globals';
import { fetchSettings } from './fetch-settings.js';

describe('what a consumer asks of the broker', () => {
  it('is an answer at the first byte for those who do not linger', () => {
    expect(fetchSettings({ lingerMs: 0 }).minBytes).toBe(1);
  });

  it('is more at once for those who linger, and no later than they linger', () => {
    const { minBytes, maxWaitTimeInMs, maxBytesPerPartition } = fetchSettings({ lingerMs: 250 });
    expect(maxWaitTimeInMs).toBe(250);
    expect(minBytes).toBeGreaterThan(1);
    // More than one partition may give would always be waited for.
    expect(minBytes).toBeLessThanOrEqual(maxBytesPerPartition);
  });
});
