import { describe, expect, it } from '@jest/globals';
import { paced } from './paced.js';

const tookMs = async (records: number, signal = new AbortController().signal): Promise<number> => {
  const beganAt = performance.now();
  await paced(Promise.resolve(), { records, maxBatch: 100, paceMs: 20, signal });
  return performance.now() - beganAt;
};

describe('paced', () => {
  it('lets some time pass after little, so that more comes together', async () => {
    expect(await tookMs(5)).toBeGreaterThan(15);
  });

  it('loses none after much', async () => {
    const [much, little] = [await tookMs(25), await tookMs(24)];
    expect(much).toBeLessThan(little);
  });

  it('nor when the partition is about to go', async () => {
    expect(await tookMs(5, AbortSignal.abort())).toBeLessThan(15);
  });

  it('passes on what work throws', async () => {
    const failed = paced(Promise.reject(new Error('no')), { records: 1, maxBatch: 100, paceMs: 20, signal: AbortSignal.abort() });
    await expect(failed).rejects.toThrow('no');
  });
});
