import type { Attempt } from './attempt.js';
import { backoffMs } from './backoff.js';
import type { SendResult } from './provider.js';

/** What became of an attempt; `retry` is to be tried again, `ambiguous` never is, all others are final too. */
export type Outcome =
  | { readonly kind: 'sent'; readonly reason: 'accepted'; readonly providerId: string | null }
  | { readonly kind: 'withheld'; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly detail: string | null;
      readonly suppress: boolean;
      /** The mailbox was full: counts towards suppressing it. */
      readonly mailboxFull?: boolean;
    }
  | { readonly kind: 'ambiguous'; readonly reason: string; readonly detail: string | null }
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly detail: string | null;
      readonly afterMs: number;
      /** Whether the attempt counts; trouble of the provider as a whole costs a message none. */
      readonly counts: boolean;
      /** The provider may have the message from this attempt. */
      readonly ambiguous: boolean;
      readonly mailboxFull?: boolean;
    };

/** How persistent a lane is. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Never call again where the provider may have the message already. */
  readonly atMostOnce: boolean;
}

/** When nothing of a misconfigured account or of one kind of address may be tried again before. */
export const PROBE_MS = 30_000;

/** Why a send is ambiguous whose dispatcher ended between calling the provider and recording the answer. */
export const INTERRUPTED = 'interrupted';

/** What a provider's answer makes of an attempt. `chance` in [0, 1) spreads the retries. */
export function decideOutcome(result: SendResult, attempt: Attempt, policy: RetryPolicy, chance: number): Outcome {
  switch (result.kind) {
    case 'accepted':
      return { kind: 'sent', reason: 'accepted', providerId: result.providerId };
    case 'bad-address':
      return { kind: 'failed', reason: 'bad-address', detail: result.detail, suppress: true };
    case 'rejected':
      return { kind: 'failed', reason: 'rejected', detail: result.detail, suppress: false, ...fullness(result) };
    case 'busy':
      return { ...tryAgain('busy', result.detail, waitMs(result, attempt.number, chance), attempt, policy), ...fullness(result) };
    case 'throttled':
      return putOff('throttled', null, waitMs(result, attempt.deferrals + 1, chance));
    case 'unavailable':
      return putOff('unavailable', result.detail, waitMs(result, attempt.deferrals + 1, chance));
    case 'misconfigured':
      return putOff('misconfigured', result.detail, PROBE_MS);
    case 'unknown':
      return unanswered(result.detail, attempt, policy, chance);
  }
}

const fullness = ({ mailboxFull }: { readonly mailboxFull?: boolean }) => (mailboxFull === true ? { mailboxFull } : {});

/** What the provider asked for, to the millisecond; without that, longer after each failure. */
const waitMs = ({ retryAfterMs }: { readonly retryAfterMs: number | null }, failures: number, chance: number): number =>
  retryAfterMs ?? backoffMs(failures, chance);

/** To be tried again without having cost an attempt: the provider was not called, or has said that it has nothing. */
export function putOff(reason: string, detail: string | null, afterMs: number): Outcome {
  return { kind: 'retry', reason, detail, afterMs, counts: false, ambiguous: false };
}

function unanswered(detail: string, attempt: Attempt, policy: RetryPolicy, chance: number): Outcome {
  if (policy.atMostOnce) return { kind: 'ambiguous', reason: 'no-answer', detail };
  const outcome = tryAgain('no-answer', detail, backoffMs(attempt.number, chance), attempt, policy);
  return outcome.kind === 'retry' ? { ...outcome, ambiguous: true } : outcome;
}

function tryAgain(reason: string, detail: string, afterMs: number, attempt: Attempt, policy: RetryPolicy): Outcome {
  if (attempt.number >= policy.maxAttempts) return { kind: 'failed', reason: 'attempts-exhausted', detail, suppress: false };
  return { kind: 'retry', reason, detail, afterMs, counts: true, ambiguous: false };
}
