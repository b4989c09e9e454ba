import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from '@tidings/bus';
import { logger } from './log.js';

const log = logger('start');
const firstWaitMs = 250;
const longestWaitMs = 5_000;

/**
 * Does what a start needs, again and again while the world around is not there yet, saying so each time. Anything
 * but an `InfrastructureError` is thrown at once, and so is what it waits for when the process is told to leave.
 */
export async function patiently<T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InfrastructureError) || signal.aborted) throw error;
      log.warn({ waiting: what, reason: error.message, retryInMs: waitMs }, `waiting for ${what}`);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}
