import { InfrastructureError } from './infrastructure-error.js';
import type { SendRecord } from './sender.js';

/** A record in the queue, with the call of `publish` that it belongs to. */
export interface QueuedRecord extends SendRecord {
  readonly bytes: number;
  readonly job: PublishJob;
}

/** One call of `publish`: settled when its last record is durable, or at the first failure or the deadline. */
export class PublishJob {
  readonly done: Promise<void>;
  settled = false;
  private unacknowledged: number;
  private readonly timer: NodeJS.Timeout;
  private resolve: () => void = () => {};
  private reject: (error: Error) => void = () => {};

  constructor(records: number, deadlineMs: number) {
    this.unacknowledged = records;
    this.done = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]));
    this.timer = setTimeout(() => {
      this.fail(new InfrastructureError(`Kafka did not acknowledge within ${deadlineMs} ms`));
    }, deadlineMs);
  }

  acknowledge(): void {
    if (--this.unacknowledged === 0) this.settle(this.resolve);
  }

  fail(error: Error): void {
    this.settle(() => {
      this.reject(error);
    });
  }

  private settle(tell: () => void): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    tell();
  }
}
