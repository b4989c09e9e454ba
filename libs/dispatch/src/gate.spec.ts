import { describe, expect, it } from '@jest/globals';
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
    gate.leave('bulk', [accepted]);
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
});
