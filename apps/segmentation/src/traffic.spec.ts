import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Traffic } from './traffic.js';

/** Whether something comes to its end while nothing else happens. */
const isOver = async (work: Promise<unknown>): Promise<boolean> => Promise.race([work.then(() => true), sleep(20).then(() => false)]);

describe('a gap in the traffic', () => {
  it('is there while nothing is in hand', async () => {
    expect(await isOver(new Traffic().gap(10_000))).toBe(true);
  });

  it('comes when all that is in hand has passed, also when it failed', async () => {
    const traffic = new Traffic();
    const [one, other] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const passing = [traffic.through(() => one.promise), traffic.through(() => other.promise)];
    const gap = traffic.gap(10_000);
    one.resolve('done');
    expect(await passing[0]).toBe('done');
    expect(await isOver(gap)).toBe(false);
    other.reject(new Error('failed'));
    await expect(passing[1]).rejects.toThrow('failed');
    expect(await isOver(gap)).toBe(true);
  });

  it('is not waited for without end', async () => {
    const traffic = new Traffic();
    const passing = Promise.withResolvers<void>();
    void traffic.through(() => passing.promise);
    expect(await isOver(traffic.gap(5))).toBe(true);
    passing.resolve();
  });
});
