import { createRequire } from 'node:module';

/** What kafkajs 2.2.4 keeps per connection, as far as the fix needs to know it. */
interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  throttledUntil: number;
  pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const RequestQueueClass = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
  prototype: RequestQueue;
};

/** How often a queue that is full is looked at again, as in kafkajs. */
const CHECK_MS = 10;

/**
 * kafkajs 2.2.4 re-arms a timer with a negative delay for ever on every connection: Node 24 runs it each millisecond
 * and warns. A timer is only needed while requests wait or the broker throttles us. Patches once, on import.
 */
RequestQueueClass.prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenNeeded(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId) return;
  const throttledMs = this.throttledUntil - Date.now();
  if (throttledMs <= 0 && this.pending.length === 0) return;
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_MS,
  );
};

/** The patched class, for the test that sees that the patch still finds its place. */
export const patchedRequestQueue = RequestQueueClass;
