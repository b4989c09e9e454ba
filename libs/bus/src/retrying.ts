import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError, PartitionLost } from './infrastructure-error.js';

/** How long and how patiently `retrying` tries. */
export interface Patience {
  /** How long after the first failure it goes on trying; 60 s when left out. */
  readonly patienceMs?: number;
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
  /** Ends the wait at once; the last failure is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (error: InfrastructureError, waitMs: number) => void;
}

/**
 * Tries again after an infrastructure failure, with full jitter and up to a patience. Anything else is thrown at
 * once, and so is `PartitionLost`, which no waiting mends.
 */
export async function retrying<T>(work: () => Promise<T>, patience: Patience = {}): Promise<T> {
  const { patienceMs, firstWaitMs, maxWaitMs, signal, onRetry } = { ...usual, ...patience };
  let givesUpAt = Infinity;
  for (let ceilingMs = firstWaitMs; ; ceilingMs = Math.min(ceilingMs * 2, maxWaitMs)) {
    try {
      return await work();
    } catch (error) {
      givesUpAt = Math.min(givesUpAt, Date.now() + patienceMs);
      if (!mayPass(error) || isStopped(signal) || Date.now() >= givesUpAt) throw error;
      const waitMs = Math.random() * ceilingMs;
      onRetry?.(error, waitMs);
      await pause(waitMs, signal);
      if (isStopped(signal)) throw error;
    }
  }
}

const usual = { patienceMs: 60_000, firstWaitMs: 200, maxWaitMs: 5_000 } as const;

const mayPass = (error: unknown): error is InfrastructureError =>
  error instanceof InfrastructureError && !(error instanceof PartitionLost);

const isStopped = (signal: AbortSignal | undefined): boolean => signal?.aborted ?? false;

/** Waits, or less when the signal says so; never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
