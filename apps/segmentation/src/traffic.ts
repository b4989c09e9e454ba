import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** Whether this process has a batch of the stream in hand, so that what is in no hurry lets it pass. */
@Injectable()
export class Traffic {
  private inHand = 0;
  private passed = Promise.withResolvers<void>();

  /** Does a piece of the stream's work. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    this.inHand += 1;
    try {
      return await work();
    } finally {
      this.inHand -= 1;
      if (this.inHand === 0) {
        this.passed.resolve();
        this.passed = Promise.withResolvers<void>();
      }
    }
  }

  /** Resolves when nothing is in hand; at the latest after so long, for a stream without gaps stops nobody. */
  async gap(mostMs: number): Promise<void> {
    if (this.inHand === 0) return;
    const waited = new AbortController();
    try {
      await Promise.race([this.passed.promise, sleep(mostMs, undefined, { signal: waited.signal })]);
    } finally {
      waited.abort();
    }
  }
}
