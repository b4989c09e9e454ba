import type { Consumer } from 'kafkajs';
import { pause } from './retrying.js';

/** A member that is just joining is answered only when the whole group is ready, which a leaving process does not wait for. */
const LEAVE_MS = 5_000;

/**
 * Leaves the group and disconnects, within a time limit. kafkajs does not hear a stop while it is joining: whoever stops a
 * consumer calls this once more when it joins nevertheless.
 */
export async function leave(consumer: Consumer): Promise<void> {
  const limit = new AbortController();
  const left = consumer
    .disconnect()
    .catch(() => {})
    .finally(() => {
      limit.abort();
    });
  await Promise.race([left, pause(LEAVE_MS, limit.signal)]);
}
