import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError, type Batch } from '@tidings/bus';
import type { Lane, SendRequested } from '@tidings/contracts';
import type { Account, Accounts } from './accounts.js';
import { sendsOf, type Attempt, type Send } from './attempt.js';
import { callAll, type Calls } from './calls.js';
import type { Contents } from './contents.js';
import { duplicates, setOverdue } from './dispatch-metrics.js';
import type { Settled } from './ledger-record.js';
import type { Claim } from './ledger.store.js';
import { INTERRUPTED, type Outcome, type RetryPolicy } from './outcome.js';
import type { Made, Recorder, RecorderParts, Scope } from './recorder.js';
import { opensInMs, spread, type Route } from './route.js';
import { Underway } from './underway.js';

/** What a dispatcher works with. */
export interface DispatcherParts<Content> extends RecorderParts {
  readonly recorder: Recorder;
  readonly accounts: Accounts<Content>;
  readonly contents: Contents<Content>;
  /** The workspaces whose retries are looked after. */
  readonly workspaces: () => readonly string[];
  /** Calls that a message is worth; those that the provider as a whole put off are not counted. */
  readonly maxAttempts: number;
  /** Lanes in which nothing is sent again that the provider may have already. */
  readonly atMostOnceLanes: readonly Lane[];
}

/** How long a closed gate is waited at before looking whether the account has changed meanwhile. */
const longestWaitMs = 5_000;
/** Retries claimed at a time: few enough to be done well within their lease. */
const dueAtOnce = 200;

/**
 * Sends what it is asked to: claims in the ledger, calls the provider, records what came of it. What is recorded is
 * never sent again; what was claimed but not recorded is sent again as ambiguous, or in at-most-once lanes left so.
 */
export class Dispatcher<Content> {
  private readonly underway = new Underway();

  constructor(private readonly parts: DispatcherParts<Content>) {}

  /** Does a batch: nothing of it is lost, and its positions are stored together with what came of it. */
  async handle({ messages, positions, signal }: Batch<SendRequested>): Promise<void> {
    for (const { value } of messages) this.parts.contents.require(value);
    const workspaces = [...new Set(messages.map(({ value }) => value.workspace))];
    await this.waitForAGate(workspaces, signal);
    const sends = distinct(messages.flatMap(({ value, traceparent }) => sendsOf(value, traceparent)));
    await this.underway.ended(sends);
    const answered = sends.flatMap((send) => this.parts.recorder.unrecordedOf(send) ?? []);
    const others = answered.length === 0 ? sends : sends.filter((send) => !this.parts.recorder.unrecordedOf(send));
    const claims = await this.claim(others, { workspaces });
    duplicates.add(others.length - claims.length, { stage: `dispatcher-${this.parts.channel}` });
    const { settled, underway } = await this.make(claims, signal);
    await this.parts.recorder.record({ settled: [...answered, ...settled], underway }, { workspaces, positions });
  }

  /** Waits for the answers that no batch waits for to be recorded; true when there are others by then. */
  settle(): Promise<boolean> {
    return this.underway.allEnded();
  }

  /** Does a lane's retries that are due, except for workspaces whose accounts are all closed; true when there may be more. */
  async retryDue(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const { accounts, recorder } = this.parts;
    const workspaces = this.parts.workspaces().filter((workspace) => opensInMs(accounts.of(workspace)) === 0);
    if (workspaces.length === 0) return false;
    const claims = await this.claimDue(lane, { workspaces });
    const answered = claims.flatMap(({ attempt }) => {
      const earlier = recorder.unrecordedOf(attempt.send);
      return earlier ? [{ ...earlier, attempt: { ...attempt, foundOpen: false } }] : [];
    });
    const others = claims.filter(({ attempt }) => !recorder.unrecordedOf(attempt.send));
    const { settled, underway } = await this.make(others, signal);
    await recorder.record({ settled: [...answered, ...settled], underway }, { workspaces });
    return claims.length === dueAtOnce && !signal.aborted;
  }

  /**
   * While no account of the batch's workspaces can send, nothing is claimed: the batch stays in Kafka. Where some can, their
   * messages go, and those of the others are put off.
   */
  private async waitForAGate(workspaces: readonly string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const closedMs = Math.min(...workspaces.map((workspace) => opensInMs(this.parts.accounts.of(workspace))));
      if (closedMs === 0 || workspaces.length === 0) return;
      await sleep(Math.min(closedMs, longestWaitMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new InfrastructureError(`stopped while waiting for the provider of ${this.parts.channel}`);
    }
  }

  private async claim(sends: readonly Send[], scope: Scope): Promise<readonly Claim[]> {
    if (sends.length === 0) return [];
    const claimable = sends.map((send) => ({ send, addressHashes: this.hashesOf(send) }));
    return this.parts.database.transact(scope, (tx) => this.parts.ledger.claim(tx, claimable));
  }

  private async claimDue(lane: Lane, scope: Scope): Promise<readonly Claim[]> {
    const { database, ledger, suppressions, channel } = this.parts;
    const { claims, overdueMs, suppressed } = await database.transact(scope, async (tx) => {
      const due = await ledger.claimDue(tx, lane, dueAtOnce);
      return { ...due, suppressed: await suppressions.suppressed(tx, due.claims.flatMap(({ attempt }) => this.hashesOf(attempt.send))) };
    });
    setOverdue(`dispatcher-${channel}-${lane}`, overdueMs / 1000);
    const isSuppressed = ({ send }: Attempt): boolean => suppressed.size > 0 && this.hashesOf(send).some((hash) => suppressed.has(hash));
    return claims.map(({ attempt, objection }) => ({ attempt, objection: objection ?? (isSuppressed(attempt) ? 'suppressed' : null) }));
  }

  private hashesOf({ request, endpoint }: Send): readonly string[] {
    return this.parts.addressHash.of(this.parts.channel, request.workspace, endpoint.address);
  }

  /** Makes the attempts that nothing speaks against, each account's and lane's beside the others'. */
  private async make(claims: readonly Claim[], signal: AbortSignal): Promise<Made> {
    const now = Date.now();
    const settled: Settled[] = [];
    const toCall: Attempt[] = [];
    for (const claim of claims) {
      const outcome = this.withhold(claim, now);
      if (outcome) settled.push(this.settledAs(claim.attempt, outcome));
      else toCall.push(claim.attempt);
    }
    const groups = Map.groupBy(toCall, ({ send: { request } }) => `${request.lane} ${request.workspace}`);
    const calls = [...groups.values()].flatMap((attempts) => this.callsOf(attempts, signal));
    const called = await Promise.all(calls.map((one) => this.call(one)));
    return { settled: [...settled, ...called.flatMap((one) => one.settled)], underway: called.flatMap((one) => one.underway) };
  }

  /** Attempts of one workspace and lane, by the account that makes them. */
  private callsOf(attempts: readonly Attempt[], signal: AbortSignal): readonly Calls<Content>[] {
    const [first] = attempts;
    if (!first) return [];
    const { contents } = this.parts;
    const { lane } = first.send.request;
    const route = this.routeOf(first);
    return [...spread(attempts, route)].map(([account, theirs]) => {
      const others = route.filter((other) => other !== account);
      const elsewhereMs = (): number | null => (others.length === 0 ? null : opensInMs(others));
      return { account, lane, attempts: theirs, contents, policy: this.policy(route, account, lane), elsewhereMs, signal };
    });
  }

  private async call(calls: Calls<Content>): Promise<Made> {
    const { account, attempts } = calls;
    const { outcomeOf, answered } = await callAll(calls);
    const settledOf = (some: readonly Attempt[]): Settled[] =>
      some.flatMap((attempt) => {
        const outcome = outcomeOf(attempt);
        return outcome ? [{ attempt, outcome, provider: account.provider.name }] : [];
      });
    const settled = settledOf(attempts);
    if (settled.length === attempts.length) return { settled, underway: [] };
    const underway = attempts.filter((attempt) => outcomeOf(attempt) === null);
    this.underway.watch(underway, answered.then(() => this.recordLate(settledOf(underway))));
    return { settled, underway };
  }

  private recordLate(settled: readonly Settled[]): Promise<void> {
    const workspaces = [...new Set(settled.map(({ attempt }) => attempt.send.request.workspace))];
    return this.parts.recorder.record({ settled, underway: [] }, { workspaces });
  }

  /** The last look before a call: what has become true since the message was decided. */
  private withhold({ attempt, objection }: Claim, now: number): Outcome | null {
    if (objection !== null) return { kind: 'withheld', reason: objection };
    const { expiresAt, lane } = attempt.send.request;
    if (Date.parse(expiresAt) <= now) return { kind: 'withheld', reason: 'expired' };
    const route = this.routeOf(attempt);
    const leave = attempt.foundOpen && this.policy(route, route[0], lane).atMostOnce;
    return leave ? { kind: 'ambiguous', reason: INTERRUPTED, detail: null } : null;
  }

  /** A provider that drops a second call cannot drop one that went to another provider first. */
  private policy(route: Route<Content>, { provider }: Account<Content>, lane: Lane): RetryPolicy {
    const wanted = route.some(({ atMostOnce }) => atMostOnce) || this.parts.atMostOnceLanes.includes(lane);
    return { maxAttempts: this.parts.maxAttempts, atMostOnce: wanted && !(provider.idempotent && route.length === 1) };
  }

  private settledAs(attempt: Attempt, outcome: Outcome): Settled {
    return { attempt, outcome, provider: this.routeOf(attempt)[0].provider.name };
  }

  private routeOf({ send }: Attempt): Route<Content> {
    return this.parts.accounts.of(send.request.workspace);
  }
}

/** Each send once: a message that was redriven may stand in a batch twice. */
function distinct(sends: readonly Send[]): readonly Send[] {
  const keys = new Set<string>();
  return sends.filter(({ key }) => keys.size < keys.add(key).size);
}
