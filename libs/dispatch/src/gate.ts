import { CircuitState, CountBreaker } from 'cockatiel';
import type { Lane } from '@tidings/contracts';
import type { SendResult } from './provider.js';
import { PROBE_MS } from './outcome.js';
import { PlaceQueue } from './place-queue.js';

/** Time and chance, so that specs can hold them. */
export interface GateClock {
  readonly now: () => number;
  readonly random: () => number;
}

const firstPauseMs = 1_000;
const longestPauseMs = 32_000;
/** Half of the last 20 calls without an answer, and the provider is taken to be down. */
const breaking = { threshold: 0.5, size: 20, minimumNumberOfCalls: 5 } as const;

/**
 * The gate before one provider account. It closes when the provider says so or stops answering, opens again by
 * itself, and then lets calls through one by one, twice as many after each success. While it is open, each lane has
 * its own places, so that no lane waits for another.
 */
export class Gate {
  private readonly breaker = new CountBreaker(breaking);
  private readonly calling = new Map<Lane, number>();
  private readonly queue = new PlaceQueue();
  private opensAtMs = 0;
  private closures = 0;
  private allowed = Infinity;
  private busy = 0;

  constructor(
    /** Places per lane. */
    readonly places: number,
    private readonly clock: GateClock = { now: Date.now, random: Math.random },
  ) {}

  /** How long until calls may be made again; 0 while the gate is open. */
  closedForMs(): number {
    return Math.max(0, this.opensAtMs - this.clock.now());
  }

  /** Calls that may be begun now: few while it recovers, and as many as there are places otherwise. */
  room(): number {
    return this.allowed === Infinity ? Infinity : Math.max(0, this.allowed - this.busy);
  }

  /** A place to call from, without waiting; false when there is none now. */
  tryEnter(lane: Lane): boolean {
    const inLane = this.calling.get(lane) ?? 0;
    if (this.opensAtMs > 0 && this.closedForMs() > 0) return false;
    if (inLane >= this.places || this.busy >= this.allowed) return false;
    this.calling.set(lane, inLane + 1);
    this.busy += 1;
    return true;
  }

  /** Waits for a place; false when the gate closed meanwhile or the signal says to leave. Each true wants one `leave`. */
  async enter(lane: Lane, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.closedForMs() > 0) return false;
    return this.tryEnter(lane) || this.queue.wait(lane, signal);
  }

  /** Gives the place back, and learns from the answers. */
  leave(lane: Lane, results: readonly SendResult[]): void {
    this.calling.set(lane, (this.calling.get(lane) ?? 1) - 1);
    this.busy -= 1;
    for (const result of results) this.learn(result);
    this.wake();
  }

  private learn(result: SendResult): void {
    const pause = askedPause(result);
    if (pause) this.close(pause.retryAfterMs);
    else if (result.kind === 'unavailable' || result.kind === 'unknown') this.failed();
    else this.succeeded(result.kind === 'accepted' ? (result.pauseMs ?? 0) : 0);
  }

  /** An answer is a success, whatever it says of the message. Those of calls made before a pause prove nothing. */
  private succeeded(pauseMs: number): void {
    if (pauseMs > 0) this.closeUntil(this.clock.now() + pauseMs);
    if (this.closedForMs() > 0) return;
    this.breaker.success(this.allowed === Infinity ? CircuitState.Closed : CircuitState.HalfOpen);
    this.allowed *= 2;
    if (this.allowed > this.places) {
      this.allowed = Infinity;
      this.closures = 0;
    }
  }

  private failed(): void {
    // While recovering, the first failure is enough: one call was let through to find out.
    if (this.breaker.failure(this.allowed === Infinity ? CircuitState.Closed : CircuitState.HalfOpen)) this.close(null);
  }

  private close(retryAfterMs: number | null): void {
    const now = this.clock.now();
    if (this.opensAtMs <= now) this.closures += 1;
    const ceilingMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.closures - 1));
    this.closeUntil(now + (retryAfterMs ?? ceilingMs * (0.5 + this.clock.random() / 2)));
    this.allowed = 1;
  }

  private closeUntil(at: number): void {
    this.opensAtMs = Math.max(this.opensAtMs, at);
  }

  /** After a call: its place goes to one who waits, and nobody waits at a closed gate. */
  private wake(): void {
    if (this.closedForMs() > 0) this.queue.dismiss();
    else this.queue.admit((lane) => this.tryEnter(lane));
  }
}

/** The pause that an answer asks for at once, without waiting for others like it; null when it asks for none. */
function askedPause(result: SendResult): { readonly retryAfterMs: number | null } | null {
  if (result.kind === 'throttled') return result;
  if (result.kind === 'unavailable' && result.retryAfterMs !== null) return result;
  return result.kind === 'misconfigured' && result.scope === 'provider' ? { retryAfterMs: PROBE_MS } : null;
}
