import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until `attempt` no longer throws, and answers with what it gave; the last error when the time is over. */
export async function eventually<T>(attempt: () => Promise<T> | T, timeoutMs = 20_000, everyMs = 50): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; await sleep(everyMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= end) throw error;
    }
  }
}
