import type { Lane } from '@tidings/contracts';
import type { Account } from './accounts.js';
import type { Attempt } from './attempt.js';
import type { Contents } from './contents.js';
import { countInflight } from './dispatch-metrics.js';
import { beginCalls } from './observed-call.js';
import { decideOutcome, putOff, type Outcome, type RetryPolicy } from './outcome.js';
import type { ProviderRequest, SendResult } from './provider.js';

/** Attempts for one account and lane, and how far to go with them. */
export interface Calls<Content> {
  readonly account: Account<Content>;
  readonly lane: Lane;
  readonly attempts: readonly Attempt[];
  readonly contents: Contents<Content>;
  readonly policy: RetryPolicy;
  /** When it says so, no further call is begun; calls in hand are awaited. */
  readonly signal: AbortSignal;
}

/**
 * Makes the attempts: each profile's in order, profiles beside each other as far as the account's gate has places.
 * What was not called because the gate closed is put off until it opens.
 */
export async function callAll<Content>(calls: Calls<Content>): Promise<(attempt: Attempt) => Outcome> {
  const outcomes = new Map<Attempt, Outcome>();
  const groups = groupsOf(calls);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) await callGroup(calls, group, outcomes);
  };
  // More than the gate has places could only wait; fewer would leave places empty.
  await Promise.all(Array.from({ length: Math.min(groups.length, calls.account.gate.places) }, work));
  return (attempt) => outcomes.get(attempt) ?? notCalled(calls);
}

/** By profile where the provider takes one message at a time; else all of them, in the order of the batch. */
function groupsOf<Content>({ attempts, account }: Calls<Content>): readonly (readonly Attempt[])[] {
  if (account.provider.groupSize > 1) return [attempts];
  return [...Map.groupBy(attempts, ({ send: { request } }) => request.profileId).values()];
}

async function callGroup<Content>(calls: Calls<Content>, group: readonly Attempt[], outcomes: Map<Attempt, Outcome>): Promise<void> {
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
  { account: { gate, provider }, lane, signal }: Calls<Content>,
  requests: readonly ProviderRequest<Content>[],
  attempts: readonly Attempt[],
): Promise<readonly SendResult[]> {
  if (signal.aborted || !(gate.tryEnter(lane) || (await gate.enter(lane, signal)))) return [];
  const channel = requests[0]?.send.channel ?? '';
  const end = beginCalls(provider.name, attempts);
  countInflight(channel, requests.length);
  const results = await provider.send(requests).catch((error: unknown) => requests.map(() => unforeseen(error)));
  countInflight(channel, -requests.length);
  gate.leave(lane, results);
  end(results);
  return results;
}

/** An adapter answers every failure it knows of; one that it does not may have come after the call. */
const unforeseen = (error: unknown): SendResult => ({ kind: 'unknown', detail: error instanceof Error ? error.message : String(error) });

const notCalled = <Content>({ account }: Calls<Content>): Outcome => putOff('not-called', null, account.gate.closedForMs());

function outcomeOf<Content>(calls: Calls<Content>, attempt: Attempt, result: SendResult | undefined): Outcome {
  if (result === undefined) return notCalled(calls);
  const outcome = decideOutcome(result, attempt, calls.policy, Math.random());
  // What was put off because of the account waits for the account, however little its own answer asked for.
  const putOffByAccount = outcome.kind === 'retry' && !outcome.counts;
  return putOffByAccount ? { ...outcome, afterMs: Math.max(outcome.afterMs, calls.account.gate.closedForMs()) } : outcome;
}
