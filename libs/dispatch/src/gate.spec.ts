import { describe, expect, it, jest } from '@jest/globals';
import type { Lane } from '@tidings/contracts';
import { Gate } from './gate.js';
import type { SendResult } from './provider.js';

const accepted: SendResult = { kind: 'accepted', providerId: null };
const silent: SendResult = { kind: 'unknown', detail: 'd' };

/** A gate, and a clock that stands until it is moved. */
function closable(places = 4) {
  const clock = { at: 1_000_000 };
  const gate = new Gate(places, { now: () => clock.at, random: () => 0 });
  const call = (result: SendResult, lane: Lane = 'triggered'): boolean => {
    const entered = gate.tryEnter(lane);
    if (entered) gate.leave(lane, [result]);
    return entered;
  };
  return { gate, call, wait: (ms: number) => (clock.at += ms) };
}

describe('the gate before a provider', () => {
  it('closes for as long as a 429 says, to the millisecond', () => {
    const { gate, call, wait } = closable();
    call({ kind: 'throttled', retryAfterMs: 7_000 });
    wait(6_999);
    expect(gate.closedForMs()).toBe(1);
    expect(call(accepted)).toBe(false);
    wait(1);
    expect(call(accepted)).toBe(true);
  });

  it('lets one call through when it opens again, then twice as many after each success', () => {
    const { gate, call, wait } = closable(4);
    call({ kind: 'throttled', retryAfterMs: 10 });
    wait(10);
    expect([gate.tryEnter('bulk'), gate.tryEnter('transactional')]).toEqual([true, false]);
    expect(gate.room()).toBe(0);
    gate.leave('bulk', [accepted]);
    expect(gate.room()).toBe(2);
    expect([gate.tryEnter('bulk'), gate.tryEnter('transactional'), gate.tryEnter('bulk')]).toEqual([true, true, false]);
  });

  it('closes at once when that one call fails', () => {
    const { gate, call, wait } = closable();
    call({ kind: 'throttled', retryAfterMs: 10 });
    wait(10);
    call(silent);
    expect(gate.closedForMs()).toBeGreaterThan(0);
  });

  it('stays open for one failure among many answers, and closes when half of the calls have none', () => {
    const { gate, call } = closable();
    for (let calls = 0; calls < 20; calls += 1) call(calls % 10 === 0 ? silent : accepted);
    expect(gate.closedForMs()).toBe(0);
    for (let calls = 0; calls < 20 && gate.closedForMs() === 0; calls += 1) call(silent);
    expect(gate.closedForMs()).toBeGreaterThan(0);
  });

  it('takes many answers at once as one trouble, and pauses longer only when it comes back', () => {
    const { gate, wait } = closable(4);
    const pauses: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const calling = [0, 1, 2].filter(() => gate.tryEnter('triggered'));
      for (const _ of calling) gate.leave('triggered', [{ kind: 'throttled', retryAfterMs: null }]);
      pauses.push(gate.closedForMs());
      wait(gate.closedForMs());
    }
    expect(pauses).toEqual([500, 1_000, 2_000]);
  });

  it('keeps the places of each lane apart', () => {
    const { gate } = closable(2);
    expect([gate.tryEnter('bulk'), gate.tryEnter('bulk'), gate.tryEnter('bulk'), gate.tryEnter('transactional')]).toEqual([true, true, false, true]);
  });

  it('is closed by an account that is set up wrongly, not by one kind of address', () => {
    const { gate, call } = closable();
    call({ kind: 'misconfigured', detail: 'd', scope: 'some-addresses' });
    expect(gate.closedForMs()).toBe(0);
    call({ kind: 'misconfigured', detail: 'd', scope: 'provider' });
    expect(gate.closedForMs()).toBe(30_000);
  });

  it('wakes those who wait for a place: with one when there is one, without when it closed', async () => {
    const { gate } = closable(1);
    const never = new AbortController().signal;
    gate.tryEnter('bulk');
    const first = gate.enter('bulk', never);
    gate.leave('bulk', [accepted]);
    expect(await first).toBe(true);
    const second = gate.enter('bulk', never);
    gate.leave('bulk', [{ kind: 'throttled', retryAfterMs: 1_000 }]);
    expect(await second).toBe(false);
  });

  it('lets go of those who wait when the process leaves', async () => {
    const { gate } = closable(1);
    const leaving = new AbortController();
    gate.tryEnter('bulk');
    const waiting = gate.enter('bulk', leaving.signal);
    leaving.abort();
    expect(await waiting).toBe(false);
  });

  it('gives a place that becomes free to one of those who wait, in order, lane by lane', async () => {
    const { gate } = closable(1);
    const never = new AbortController().signal;
    const admitted: string[] = [];
    gate.tryEnter('bulk');
    gate.tryEnter('triggered');
    const waiting = (['bulk', 'bulk', 'triggered'] as const).map(async (lane, index) => {
      if (await gate.enter(lane, never)) admitted.push(`${lane} ${index}`);
    });
    gate.leave('bulk', [accepted]);
    await waiting[0];
    expect(admitted).toEqual(['bulk 0']);
    gate.leave('triggered', [accepted]);
    await waiting[2];
    gate.leave('bulk', [accepted]);
    await waiting[1];
    expect(admitted).toEqual(['bulk 0', 'triggered 2', 'bulk 1']);
    expect([gate.tryEnter('bulk'), gate.tryEnter('triggered')]).toEqual([false, false]);
  });

  it('lets those who wait in as fast as it recovers, the most urgent first', async () => {
    const { gate, call, wait } = closable(4);
    const never = new AbortController().signal;
    const admitted: string[] = [];
    call({ kind: 'throttled', retryAfterMs: 10 });
    wait(10);
    gate.tryEnter('bulk');
    const waiting = (['bulk', 'bulk', 'transactional', 'triggered'] as const).map(async (lane) => {
      if (await gate.enter(lane, never)) admitted.push(lane);
    });
    gate.leave('bulk', [accepted]);
    await Promise.all([waiting[2], waiting[3]]);
    expect(admitted).toEqual(['transactional', 'triggered']);
    gate.leave('transactional', [accepted]);
    await Promise.all(waiting);
    expect(admitted).toEqual(['transactional', 'triggered', 'bulk', 'bulk']);
  });

  it('lets go of those alone whose work is broken off, and listens to a signal once however many wait', async () => {
    const { gate } = closable(1);
    const [leaving, staying] = [new AbortController(), new AbortController()];
    const [begun, ended] = [jest.spyOn(leaving.signal, 'addEventListener'), jest.spyOn(leaving.signal, 'removeEventListener')];
    gate.tryEnter('bulk');
    const going = Array.from({ length: 200 }, () => gate.enter('bulk', leaving.signal));
    const stays = gate.enter('bulk', staying.signal);
    expect(begun).toHaveBeenCalledTimes(1);
    leaving.abort();
    expect(await Promise.all(going)).toEqual(going.map(() => false));
    expect(ended).toHaveBeenCalledTimes(1);
    gate.leave('bulk', [accepted]);
    expect(await stays).toBe(true);
  });
});
