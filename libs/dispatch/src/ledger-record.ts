import { ledgerKey, type Attempt, type LedgerKey } from './attempt.js';
import { INTERRUPTED, type Outcome } from './outcome.js';

/** How long an attempt that does not hold its batch up may go unrecorded before a poller takes its dispatcher for dead. */
export const leaseMs = 60_000;

/** An attempt and what became of it, as the ledger records it. */
export interface LedgerRecord extends LedgerKey {
  readonly profile_id: string;
  readonly lane: string;
  /** Under which it was claimed; nobody else may record it. */
  readonly claim: number;
  readonly state: 'sent' | 'failed' | 'withheld' | 'retry' | 'ambiguous' | 'claimed';
  readonly attempt: number;
  readonly deferrals: number;
  readonly ambiguous: boolean;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly provider: string | null;
  readonly provider_message_id: string | null;
  /** Until the next attempt; null when there is none. */
  readonly after_ms: number | null;
  /** The request, for the retry; with personal data, so never longer than needed. */
  readonly request: string | null;
  readonly traceparent: string | null;
}

/** An attempt that has come to something. */
export interface Settled {
  readonly attempt: Attempt;
  readonly outcome: Outcome;
  /** Who was called, or would have been. */
  readonly provider: string | null;
}

/** How many attempts the send has had: this one counts if the provider was called and did not put all messages off. */
export function attemptsMade({ attempt, outcome }: Settled): number {
  const called = outcome.kind === 'retry' ? outcome.counts : outcome.kind !== 'withheld' && outcome.reason !== INTERRUPTED;
  return called ? attempt.number : attempt.number - 1;
}

/** What the ledger keeps of a settled attempt. */
export function toRecord(settled: Settled, now: Date): LedgerRecord {
  const { attempt, outcome, provider } = settled;
  return {
    ...claimOf(attempt),
    state: outcome.kind,
    attempt: attemptsMade(settled),
    ambiguous: attempt.priorAmbiguous || outcome.kind === 'ambiguous' || (outcome.kind === 'retry' && outcome.ambiguous),
    reason: outcome.reason,
    detail: detailOf(outcome),
    provider,
    provider_message_id: outcome.kind === 'sent' ? outcome.providerId : null,
    ...(outcome.kind === 'retry' ? waiting(attempt, outcome, now) : { ...done, deferrals: attempt.deferrals }),
  };
}

/**
 * What the ledger keeps of an attempt whose answer its batch does not wait for: it stays claimed, as a retry's is, and
 * the poller that finds its lease run out can make the next attempt.
 */
export function toLeased(attempt: Attempt): LedgerRecord {
  const { request, traceparent } = attempt.send;
  return {
    ...claimOf(attempt), state: 'claimed', attempt: attempt.number, deferrals: attempt.deferrals, ambiguous: attempt.priorAmbiguous,
    reason: null, detail: null, provider: null, provider_message_id: null, after_ms: leaseMs, request: JSON.stringify(request), traceparent,
  }; // prettier-ignore
}

const claimOf = ({ send, claim }: Attempt) => ({ ...ledgerKey(send), profile_id: send.request.profileId, lane: send.request.lane, claim });

const done = { after_ms: null, request: null, traceparent: null } as const;

/** What the retry will need. */
function waiting(attempt: Attempt, { afterMs, counts }: Extract<Outcome, { kind: 'retry' }>, now: Date) {
  const { request, traceparent } = attempt.send;
  return { deferrals: attempt.deferrals + (counts ? 0 : 1), after_ms: untilNext(attempt, afterMs, now), request: JSON.stringify(request), traceparent };
}

const detailOf = (outcome: Outcome): string | null => ('detail' in outcome ? (outcome.detail?.slice(0, 500) ?? null) : null);

/** Not beyond the message's expiry: then somebody has to look, to say that it has expired. */
function untilNext({ send }: Attempt, afterMs: number, now: Date): number {
  return Math.round(Math.max(0, Math.min(afterMs, Date.parse(send.request.expiresAt) - now.getTime())));
}
