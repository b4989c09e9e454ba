import { describe, expect, it } from '@jest/globals';
import { InfrastructureError, PartitionLost } from './infrastructure-error.js';
import { retrying } from './retrying.js';

const failing = (times: number, error: Error) => {
  let calls = 0;
  return { work: async () => (++calls <= times ? Promise.reject(error) : 'done'), calls: () => calls };
};
const quick = { firstWaitMs: 1, maxWaitMs: 2 };

describe('retrying', () => {
  it('waits infrastructure trouble out', async () => {
    const { work, calls } = failing(3, new InfrastructureError('away'));
    await expect(retrying(work, quick)).resolves.toBe('done');
    expect(calls()).toBe(4);
  });

  it.each([
    ['a message’s fault', new Error('bug')],
    ['a lost partition', new PartitionLost('gone')],
  ])('throws %s at once', async (_what, error) => {
    const { work, calls } = failing(1, error);
    await expect(retrying(work, quick)).rejects.toBe(error);
    expect(calls()).toBe(1);
  });

  it('gives up after its patience, with the last failure', async () => {
    const error = new InfrastructureError('away');
    const { work } = failing(Infinity, error);
    await expect(retrying(work, { ...quick, patienceMs: 20 })).rejects.toBe(error);
  });

  it('ends the wait when the signal says so', async () => {
    const error = new InfrastructureError('away');
    const stop = new AbortController();
    const { work } = failing(Infinity, error);
    const waiting = retrying(work, {
      firstWaitMs: 3_600_000,
      maxWaitMs: 3_600_000,
      signal: stop.signal,
      onRetry: () => setImmediate(() => stop.abort()),
    });
    await expect(waiting).rejects.toBe(error);
  });
});
