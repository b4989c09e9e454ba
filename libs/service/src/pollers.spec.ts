import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError } from '@tidings/bus';
import { Poller, type PollWork } from './poller.js';
import { Pollers } from './pollers.js';

const hourMs = 3_600_000;

/** Resolves when `times` rounds were begun. */
function counting(
  times: number,
  work: (round: number, signal: AbortSignal) => Promise<boolean | number | void>,
): { work: PollWork; reached: Promise<void>; rounds: () => number } {
  const reached = Promise.withResolvers<void>();
  let rounds = 0;
  return {
    rounds: () => rounds,
    reached: reached.promise,
    work: async (signal) => {
      rounds += 1;
      if (rounds === times) reached.resolve();
      return work(rounds, signal);
    },
  };
}

describe('a poller', () => {
  const pollers = new Set<Poller>();
  const poller = (intervalMs: number, work: PollWork): Poller => {
    const made = new Poller('spec', intervalMs, work);
    pollers.add(made);
    return made;
  };
  afterEach(async () => {
    await Promise.all([...pollers].map((made) => made.stop()));
    pollers.clear();
  });

  it('goes on at once while there is more to do, and rests when there is not', async () => {
    const { work, reached, rounds } = counting(4, async (round) => round < 4);
    poller(hourMs, work).start();
    await reached;
    await sleep(30);
    expect(rounds()).toBe(4);
  });

  it('rests for as long as a round says', async () => {
    const { work, reached, rounds } = counting(3, async (round) => (round < 3 ? 1 : hourMs));
    poller(hourMs, work).start();
    await reached;
    await sleep(30);
    expect(rounds()).toBe(3);
  });

  it('begins a round only when the one before is over', async () => {
    let inHand = 0;
    let most = 0;
    const { work, reached } = counting(5, async () => {
      inHand += 1;
      most = Math.max(most, inHand);
      await sleep(10);
      inHand -= 1;
    });
    const made = poller(1, work);
    made.start();
    made.start();
    await reached;
    expect(most).toBe(1);
  });

  it.each<[string, Error]>([
    ['the world', new InfrastructureError('Postgres is away')],
    ['a bug', new Error('undefined is not a function')],
  ])('tries again what %s made fail', async (_, error) => {
    const { work, reached } = counting(3, async (round) => {
      if (round < 3) throw error;
    });
    poller(hourMs, work).start();
    await expect(reached).resolves.toBeUndefined();
  });

  it('finishes the round in hand when it is stopped, and begins no other', async () => {
    let finished = false;
    const { work, reached, rounds } = counting(1, async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(20);
      finished = true;
      return true;
    });
    const made = poller(1, work);
    made.start();
    await reached;
    await made.stop();
    expect([finished, rounds()]).toEqual([true, 1]);
  });

  it('is stuck when a round does not come back for a minute', async () => {
    const release = Promise.withResolvers<void>();
    const { work, reached } = counting(1, () => release.promise);
    const made = poller(hourMs, work);
    expect(made.stuck(Date.now() + hourMs)).toBeNull();
    made.start();
    await reached;
    expect(made.stuck(Date.now() + 59_000)).toBeNull();
    expect(made.stuck(Date.now() + 61_000)).toBe('poller spec has been in one round for 61 s');
    release.resolve();
  });
});

describe('the pollers of a process', () => {
  it('begin when the process is up, also those that come later, and end with it', async () => {
    const all = new Pollers();
    const first = counting(1, async () => false);
    const second = counting(1, async () => false);
    all.register('first', hourMs, first.work);
    await sleep(20);
    expect(first.rounds()).toBe(0);
    all.start();
    await first.reached;
    all.register('second', hourMs, second.work);
    await second.reached;
    expect(all.stuck()).toBeNull();
    await all.stop();
  });
});
