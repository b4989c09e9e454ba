import type { Lane } from '@tidings/contracts';
import type { Account } from './accounts.js';
import type { Attempt } from './attempt.js';
import type { Contents } from './contents.js';
import { countInflight } from './dispatch-metrics.js';
import { beginCalls } from './observed-call.js';
import { leaseMs } from './ledger-record.js';
import { decideOutcome, putOff, type Outcome, type RetryPolicy } from './outcome.js';
import type { ProviderRequest, SendResult } from './provider.js';

/** How often it is looked whether a batch does nothing but wait; at the second time in a row it is let go. */
const lookEveryMs = 500;
/** Nothing is begun any more so long after its batch was let go: its lease may run out before the answer. */
const lateMs = leaseMs / 2;

/** Attempts for one account and lane, and how far to go with them. */
export interface Calls<Content> {
  readonly account: Account<Content>;
  readonly lane: Lane;
  readonly attempts: readonly Attempt[];
  readonly contents: Contents<Content>;
  readonly policy: RetryPolicy;
  /** How long until another account could take what this one puts off; null when there is none. */
  readonly elsewhereMs: () => number | null;
  /** When it says so, no further call is begun; calls in hand are awaited. */
  readonly signal: AbortSignal;
}

/** Attempts that were made, or are being made. */
export interface Called {
  /** What became of an attempt; null while its call is not answered. */
  readonly outcomeOf: (attempt: Attempt) => Outcome | null;
  /** Resolves when every attempt has its outcome. */
  readonly answered: Promise<unknown>;
}

interface Round<Content> extends Calls<Content> {
  readonly outcomes: Map<Attempt, Outcome>;
  /** Calls that wait for a place. */
  waiting: number;
  beginBy: number;
}

/**
 * Makes the attempts: each profile's in order, profiles beside each other as far as the account's gate has places.
 * What was not called because the gate closed is put off until it opens. Resolves when all are answered, or when for
 * a second there was nothing to do but wait for slow answers, so that other calls can have the places that are free.
 */
export async function callAll<Content>(calls: Calls<Content>): Promise<Called> {
  const round: Round<Content> = { ...calls, outcomes: new Map(), waiting: 0, beginBy: Infinity };
  const groups = groupsOf(calls);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) await callGroup(round, group);
  };
  // More than the gate has places could only wait; fewer would leave places empty.
  const answered = Promise.all(Array.from({ length: Math.min(groups.length, calls.account.gate.places) }, work));
  const onlyWaits = (): boolean => next >= groups.length && round.waiting === 0 && !calls.signal.aborted;
  if (await isSlow(answered, onlyWaits)) round.beginBy = performance.now() + lateMs;
  return { outcomeOf: (attempt) => round.outcomes.get(attempt) ?? null, answered };
}

/** False when all is answered, true as soon as it has done nothing but wait for a while. */
function isSlow(answered: Promise<unknown>, onlyWaits: () => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let waitedBefore = false;
    const timer = setInterval(() => {
      const waits = onlyWaits();
      if (waits && waitedBefore) resolve(true);
      waitedBefore = waits;
    }, lookEveryMs);
    answered.then(() => resolve(false), reject).finally(() => clearInterval(timer));
  });
}

/** By profile where the provider takes one message at a time; else all of them, in the order of the batch. */
function groupsOf<Content>({ attempts, account }: Calls<Content>): readonly (readonly Attempt[])[] {
  if (account.provider.groupSize > 1) return [attempts];
  return [...Map.groupBy(attempts, ({ send: { request } }) => request.profileId).values()];
}

async function callGroup<Content>(calls: Round<Content>, group: readonly Attempt[]): Promise<void> {
  const { outcomes } = calls;
  const size = calls.account.provider.groupSize;
  for (let at = 0; at < group.length; at += size) {
    const called: Attempt[] = [];
    const requests: ProviderRequest<Content>[] = [];
    for (const attempt of group.slice(at, at + size)) {
      const { request: send, endpoint } = attempt.send;
      const rendered = calls.contents.render(attempt.send);
      if (rendered.kind === 'rendered') {
        called.push(attempt);
        requests.push({ send, endpoint, content: rendered.content, attempt: attempt.number });
      } else outcomes.set(attempt, { kind: 'failed', reason: 'render-failed', detail: rendered.detail, suppress: false });
    }
    const results = requests.length === 0 ? [] : await callOnce(calls, requests, called);
    called.forEach((attempt, index) => outcomes.set(attempt, outcomeOf(calls, attempt, results[index])));
  }
}

/** The answers to one call; none when the gate closed before it. */
async function callOnce<Content>(
  round: Round<Content>,
  requests: readonly ProviderRequest<Content>[],
  attempts: readonly Attempt[],
): Promise<readonly SendResult[]> {
  const { lane } = round;
  const { gate, provider } = round.account;
  if (!(await enter(round))) return [];
  const channel = requests[0]?.send.channel ?? '';
  const end = beginCalls(provider.name, attempts);
  countInflight(channel, requests.length);
  const results = await provider.send(requests).catch((error: unknown) => requests.map(() => unforeseen(error)));
  countInflight(channel, -requests.length);
  gate.leave(lane, results);
  end(results);
  return results;
}

/** A place for one call; false when none may be begun any more. */
async function enter<Content>(round: Round<Content>): Promise<boolean> {
  const { account, lane, signal } = round;
  if (signal.aborted || performance.now() > round.beginBy) return false;
  if (account.gate.tryEnter(lane)) return true;
  round.waiting += 1;
  const entered = await account.gate.enter(lane, signal);
  round.waiting -= 1;
  return entered;
}

/** An adapter answers every failure it knows of; one that it does not may have come after the call. */
const unforeseen = (error: unknown): SendResult => ({ kind: 'unknown', detail: error instanceof Error ? error.message : String(error) });

function outcomeOf<Content>(calls: Calls<Content>, attempt: Attempt, result: SendResult | undefined): Outcome {
  const outcome = result === undefined ? putOff('not-called', null, 0) : decideOutcome(result, attempt, calls.policy, Math.random());
  const putOffByAccount = outcome.kind === 'retry' && !outcome.counts;
  return putOffByAccount ? { ...outcome, afterMs: waitMs(calls, outcome.afterMs) } : outcome;
}

/** What was put off because of the account waits for it, however little its own answer asked for, or for another. */
function waitMs<Content>({ account, elsewhereMs }: Calls<Content>, askedMs: number): number {
  const closedMs = account.gate.closedForMs();
  const here = Math.max(askedMs, closedMs);
  return closedMs === 0 ? here : Math.min(here, elsewhereMs() ?? here);
}
