import { cut } from './cut.js';
import { InfrastructureError } from './infrastructure-error.js';
import type { BusLog } from './kafka-settings.js';
import { PublishJob, type QueuedRecord } from './publish-job.js';
import { pause } from './retrying.js';
import { apart, refused } from './send-apart.js';
import { RecordRefused, type Refusal, type Sender, type SendRecord } from './sender.js';

/** How the queue behaves when the broker does not. */
export interface QueueOptions {
  /** How long a call of `publish` waits for the broker. */
  readonly deadlineMs: number;
  /** Beyond this many bytes waiting, `publish` rejects at once: memory stays bounded while the broker is away. */
  readonly maxQueuedBytes: number;
  readonly log: BusLog;
}

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2_000;
/** Taking records off the front moves all behind them: done rarely. */
const FORGET_EVERY = 10_000;

/**
 * One send in flight; what arrives meanwhile is joined into the next one. After a failure the very same records are
 * sent again, first by the same producer, whose repetition the broker recognises, and when that one cannot go on by a new one.
 */
export class SendQueue {
  private readonly records: QueuedRecord[] = [];
  private head = 0;
  private queuedBytes = 0;
  private sender: Sender | null = null;
  private opening: Promise<Sender> | null = null;
  private oldSenderHadItsChance = false;
  private running: Promise<void> | null = null;
  private closed = false;
  /** Whether the last thing that the broker was asked went well. */
  reachable = false;

  constructor(
    private readonly open: () => Promise<Sender>,
    private readonly options: QueueOptions,
  ) {}

  /** Opens the first producer, so that a process can say it is ready before it publishes. */
  async connect(): Promise<void> {
    // A producer that is there says nothing about the broker: its sends do.
    if (this.sender !== null) return;
    this.sender = await this.openOnce();
    this.reachable = true;
  }

  async publish(records: readonly (SendRecord & { readonly bytes: number })[]): Promise<void> {
    if (records.length === 0) return;
    if (this.closed) throw new InfrastructureError('the publisher is closed');
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > this.options.maxQueuedBytes) {
      throw new InfrastructureError(`more than ${this.options.maxQueuedBytes} bytes wait for Kafka`);
    }
    const job = new PublishJob(records.length, this.options.deadlineMs);
    this.queuedBytes += bytes;
    for (const record of records) this.records.push({ ...record, job });
    this.running ??= this.run();
    await job.done;
  }

  /** Sends what was accepted, then disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    await this.sender?.close().catch(() => {});
    this.sender = null;
  }

  private async run(): Promise<void> {
    // What is published in this turn of the event loop goes with the first send.
    await Promise.resolve();
    while (this.head < this.records.length) {
      const end = cut(this.records, this.head);
      const taken = this.records.slice(this.head, end);
      this.head = end;
      this.forgetTaken();
      await this.deliver(taken.filter(({ job }) => !job.settled));
      for (const { bytes } of taken) this.queuedBytes -= bytes;
    }
    this.running = null;
  }

  private forgetTaken(): void {
    if (this.head < FORGET_EVERY && this.head < this.records.length) return;
    this.records.splice(0, this.head);
    this.head = 0;
  }

  private async deliver(batch: readonly QueuedRecord[]): Promise<void> {
    for (
      let waitMs = FIRST_WAIT_MS;
      batch.some(({ job }) => !job.settled);
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
    ) {
      try {
        this.sender ??= await this.openOnce();
        await this.sender.send(batch);
        [this.reachable, this.oldSenderHadItsChance] = [true, false];
        for (const { job } of batch) job.acknowledge();
        return;
      } catch (error) {
        if (error instanceof RecordRefused) return this.deliverApart(batch, error.why);
        this.reachable = false;
        this.options.log('warn', 'publishing failed, trying again', { records: batch.length, error: message(error) });
        await pause(waitMs * (0.5 + Math.random() / 2));
        await this.renew();
      }
    }
    // Given up with the outcome unknown: this producer's next sequence number could be taken for the lost one's.
    if (batch.length > 0) this.drop();
  }

  /** Finds the records that the broker refuses; their neighbours go on their way, in order. */
  private async deliverApart(batch: readonly QueuedRecord[], why: Refusal): Promise<void> {
    const parts = apart(batch, why);
    if (parts.length > 1) for (const part of parts) await this.deliver(part);
    else for (const { job, ...record } of batch) job.fail(refused(record, why));
  }

  /** After a failure: when the broker can be reached again, the producer that failed has one more chance, then a new one takes over. */
  private async renew(): Promise<void> {
    const failed = this.sender;
    if (failed === null) return;
    const fresh = await this.openOnce().catch(() => null);
    if (fresh === null) return;
    if (this.oldSenderHadItsChance) {
      this.drop();
      this.sender = fresh;
      this.oldSenderHadItsChance = false;
    } else {
      this.oldSenderHadItsChance = true;
      await failed.reconnect().catch(() => {});
      await fresh.close().catch(() => {});
    }
  }

  private openOnce(): Promise<Sender> {
    this.opening ??= this.open().finally(() => (this.opening = null));
    return this.opening;
  }

  private drop(): void {
    void this.sender?.close().catch(() => {});
    this.sender = null;
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
