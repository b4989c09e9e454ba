import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from '@tidings/bus';
import { logger } from './log.js';
import { counter, gauge } from './metrics.js';

/**
 * One round of work; true means that there is more to do at once, a number how long to rest before the next, in ms. The signal says
 * that the process wants to leave.
 */
export type PollWork = (signal: AbortSignal) => Promise<boolean | number | void>;

const log = logger('poller');
const failures = counter('tidings_poller_failures_total', 'Rounds of a poller that failed and were tried again.');
const lastRounds = new Map<string, number>();
gauge(
  'tidings_poller_last_round_seconds',
  'When a poller last came to the end of a round, in seconds since 1970.',
  () => [...lastRounds].map(([poller, at]) => ({ value: at / 1000, labels: { poller } })),
);
const intervals = new Map<string, number>();
gauge('tidings_poller_interval_seconds', 'How long a poller rests between rounds when there is nothing to do.', () =>
  [...intervals].map(([poller, ms]) => ({ value: ms / 1000, labels: { poller } })),
);

const stuckAfterMs = 60_000;
const firstWaitMs = 200;
const longestWaitMs = 10_000;

/** Does one piece of work again and again; a failed round is tried again later, longer each time, for as long as it takes. */
export class Poller {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private lastTickAt = Date.now();
  private failed = 0;

  constructor(
    readonly name: string,
    private readonly intervalMs: number,
    private readonly work: PollWork,
  ) {}

  /** Begins with the first round. */
  start(): void {
    this.lastTickAt = Date.now();
    this.running ??= this.run(this.stopping.signal);
  }

  /** Resolves when the round in hand is done; there is no other after it. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** What is wrong when a round takes longer than a minute; null when nothing is. */
  stuck(now = Date.now()): string | null {
    const silentMs = now - this.lastTickAt;
    if (this.running === null || this.stopping.signal.aborted || silentMs <= stuckAfterMs) return null;
    return `poller ${this.name} has been in one round for ${Math.round(silentMs / 1000)} s`;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.round(signal);
      await this.rest(waitMs, signal);
    }
  }

  /** Does a round and says how long to wait for the next. */
  private async round(signal: AbortSignal): Promise<number> {
    try {
      const found = await this.work(signal);
      this.failed = 0;
      lastRounds.set(this.name, Date.now());
      intervals.set(this.name, this.intervalMs);
      if (typeof found === 'number') return found;
      return found === true ? 0 : this.intervalMs;
    } catch (error) {
      if (signal.aborted) return 0;
      this.failed += 1;
      failures.add(1, { poller: this.name });
      log[error instanceof InfrastructureError ? 'warn' : 'error'](
        { err: error, poller: this.name },
        'a round failed and will be tried again',
      );
      return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.failed, 10)) * Math.random();
    }
  }

  /** Waiting is progress: only a round that does not come back makes the poller stuck. */
  private async rest(waitMs: number, signal: AbortSignal): Promise<void> {
    for (const end = Date.now() + waitMs; !signal.aborted;) {
      this.lastTickAt = Date.now();
      const leftMs = end - this.lastTickAt;
      if (leftMs <= 0) return;
      await sleep(Math.min(leftMs, stuckAfterMs / 4), undefined, { signal }).catch(() => undefined);
    }
  }
}
