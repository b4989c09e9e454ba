import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import { patchedRequestQueue } from './spin-fix.js';

interface Queue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  throttledUntil: number;
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
const queues: Queue[] = [];

const queue = (): Queue => {
  const made = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: 'x',
    broker: 'y',
    logger: {},
  });
  queues.push(made);
  return made;
};

describe('the spin fix', () => {
  afterEach(() => {
    for (const made of queues.splice(0)) made.destroy();
  });

  it('is made for this version of kafkajs', () => {
    expect((require('kafkajs/package.json') as { version: string }).version).toBe('2.2.4');
  });

  it('patches the class that kafkajs itself uses', () => {
    const connection = require('kafkajs/src/network/connection') as object;
    expect(connection).toBeDefined();
    expect(patchedRequestQueue).toBe(RequestQueue);
    expect(patchedRequestQueue.prototype.scheduleCheckPendingRequests.name).toBe('scheduleOnlyWhenNeeded');
  });

  it('arms no timer on an idle connection', () => {
    const idle = queue();
    idle.scheduleCheckPendingRequests();
    expect(idle.throttleCheckTimeoutId).toBeNull();
  });

  it('arms one while requests wait, and one while the broker throttles', () => {
    const waiting = queue();
    waiting.pending.push({});
    waiting.scheduleCheckPendingRequests();
    expect(waiting.throttleCheckTimeoutId).not.toBeNull();

    const throttled = queue();
    throttled.throttledUntil = Date.now() + 60_000;
    throttled.scheduleCheckPendingRequests();
    expect(throttled.throttleCheckTimeoutId).not.toBeNull();
  });
});
