import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixedNow, aSendRequested } from '@tidings/testing';
import { backoffMs } from './backoff.js';
import { decideOutcome, PROBE_MS, type Outcome } from './outcome.js';
import { toRecord } from './ledger-record.js';
import { sendOf, type Attempt } from './attempt.js';
import type { SendResult } from './provider.js';

const request = aSendRequested();
const attempt = (number = 1, deferrals = 0): Attempt => ({
  send: sendOf(request, { id: 'device-1', address: 'token-1' }, '00-1-2-01'),
  claim: 1, number, deferrals, priorAmbiguous: false, foundOpen: false,
}); // prettier-ignore
const policy = { maxAttempts: 3, atMostOnce: false };
const retry = { kind: 'retry', detail: null, counts: false, ambiguous: false } as const;

describe('what becomes of an attempt', () => {
  it.each<[string, SendResult, Outcome]>([
    ['accepted', { kind: 'accepted', providerId: 'x' }, { kind: 'sent', reason: 'accepted', providerId: 'x' }],
    ['a dead address is suppressed', { kind: 'bad-address', detail: 'd' }, { kind: 'failed', reason: 'bad-address', detail: 'd', suppress: true }],
    ['a refused message suppresses nobody', { kind: 'rejected', detail: 'd' }, { kind: 'failed', reason: 'rejected', detail: 'd', suppress: false }],
    ['a full mailbox is remembered', { kind: 'rejected', detail: 'd', mailboxFull: true }, { kind: 'failed', reason: 'rejected', detail: 'd', suppress: false, mailboxFull: true }],
    ['a mailbox full for now is remembered, and tried again', { kind: 'busy', retryAfterMs: 7_000, detail: 'd', mailboxFull: true }, { ...retry, reason: 'busy', detail: 'd', afterMs: 7_000, counts: true, mailboxFull: true }],
    ['busy counts, and waits as long as it says', { kind: 'busy', retryAfterMs: 7_000, detail: 'd' }, { ...retry, reason: 'busy', detail: 'd', afterMs: 7_000, counts: true }],
    ['throttled costs nothing', { kind: 'throttled', retryAfterMs: 7_000 }, { ...retry, reason: 'throttled', afterMs: 7_000 }],
    ['unavailable costs nothing', { kind: 'unavailable', retryAfterMs: 3_000, detail: 'd' }, { ...retry, reason: 'unavailable', detail: 'd', afterMs: 3_000 }],
    ['misconfigured waits for a person', { kind: 'misconfigured', detail: 'd', scope: 'provider' }, { ...retry, reason: 'misconfigured', detail: 'd', afterMs: PROBE_MS }],
    ['no answer is tried again as ambiguous', { kind: 'unknown', detail: 'd' }, { ...retry, reason: 'no-answer', detail: 'd', afterMs: backoffMs(1, 0.5), counts: true, ambiguous: true }],
  ])('%s', (_sentence, result, expected) => {
    expect(decideOutcome(result, attempt(), policy, 0.5)).toEqual(expected);
  });

  it('is final after the last attempt that counts, never because of the provider as a whole', () => {
    const last = attempt(3, 50);
    expect(decideOutcome({ kind: 'busy', retryAfterMs: null, detail: 'd' }, last, policy, 0)).toMatchObject({ kind: 'failed', reason: 'attempts-exhausted' });
    expect(decideOutcome({ kind: 'unknown', detail: 'd' }, last, policy, 0)).toMatchObject({ kind: 'failed', reason: 'attempts-exhausted' });
    expect(decideOutcome({ kind: 'throttled', retryAfterMs: null }, last, policy, 0)).toMatchObject({ kind: 'retry' });
  });

  it('stays in doubt where nothing may be sent twice', () => {
    expect(decideOutcome({ kind: 'unknown', detail: 'd' }, attempt(), { ...policy, atMostOnce: true }, 0)).toEqual({ kind: 'ambiguous', reason: 'no-answer', detail: 'd' });
  });

  it('waits longer after each failure, never beyond 15 minutes, and never not at all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (count, chance) => {
        expect(backoffMs(count, chance)).toBeGreaterThanOrEqual(500);
        expect(backoffMs(count, chance)).toBeLessThanOrEqual(Math.min(900_000, 2_000 * 2 ** Math.min(count - 1, 20)));
      }),
    );
  });

  it('keeps the request only while it is needed, and looks again no later than the message expires', () => {
    const waiting = toRecord({ attempt: attempt(), provider: 'fcm', outcome: { ...retry, reason: 'throttled', afterMs: 10 * 86_400_000 } }, fixedNow);
    expect(waiting).toMatchObject({ state: 'retry', attempt: 0, deferrals: 1, after_ms: 86_400_000, traceparent: '00-1-2-01' });
    expect(JSON.parse(waiting.request ?? '')).toEqual(request);
    const sent = toRecord({ attempt: attempt(), provider: 'fcm', outcome: { kind: 'sent', reason: 'accepted', providerId: 'x' } }, fixedNow);
    expect(sent).toMatchObject({ state: 'sent', attempt: 1, after_ms: null, request: null, provider_message_id: 'x', day: '2026-03-02' });
  });
});
