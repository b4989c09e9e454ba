import { PEOPLE, type BenchMessage } from './messages.js';

/** What a consumer is asked to do. */
export interface ConsumeOrder {
  readonly prefix: string;
  /** A group of this run's own. */
  readonly group: string;
  readonly total: number;
  /** Handled before the clock starts. */
  readonly warmup: number;
  /** How long a handler waits for each message; 0 does not wait. */
  readonly delayMs: number;
  readonly positions: 'stored' | 'committed';
  readonly databaseUrl: string;
  /** Partitions at a time, for clients that take them one after another unless told otherwise. */
  readonly concurrency: number;
  /** After how many messages of a fetch the bare client commits; the bus does after each batch. */
  readonly commitEvery: number;
}

/** What it did. */
export interface Consumed {
  readonly messages: number;
  readonly seconds: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Of the consuming process, while the clock ran. */
  readonly cpuSeconds: number;
}

/** Counts what a handler sees, the same for every arm: each id once, each person's messages in order. */
export class Tally {
  private readonly seen: Uint8Array;
  private readonly last = new Int32Array(PEOPLE).fill(-1);
  private count = 0;
  private doubled = 0;
  private outOfOrder = 0;
  private startedAt = 0;
  private cpuAtStart: NodeJS.CpuUsage = process.cpuUsage();
  private finish: (result: Consumed) => void = () => undefined;
  /** Resolves when everything was seen, or nothing new has been for ten seconds. */
  readonly done: Promise<Consumed>;

  constructor(private readonly order: ConsumeOrder) {
    this.seen = new Uint8Array(order.total);
    this.done = new Promise((resolve) => (this.finish = resolve));
    if (order.warmup === 0) this.begin();
    let before = -1;
    const watch = setInterval(() => {
      if (this.count === before && this.count > 0) this.end();
      before = this.count;
    }, 10_000);
    void this.done.then(() => clearInterval(watch));
  }

  /** Called when a message has been handled. */
  see({ id, person, n }: BenchMessage): void {
    if (this.seen[id] === 1) {
      this.doubled += 1;
      return;
    }
    this.seen[id] = 1;
    if (n <= (this.last[person] ?? -1)) this.outOfOrder += 1;
    this.last[person] = n;
    this.count += 1;
    if (this.count === this.order.warmup) this.begin();
    if (this.count === this.order.total) this.end();
  }

  private begin(): void {
    this.cpuAtStart = process.cpuUsage();
    this.startedAt = performance.now();
  }

  private end(): void {
    const { user, system } = process.cpuUsage(this.cpuAtStart);
    this.finish({
      messages: this.count - this.order.warmup,
      seconds: (performance.now() - this.startedAt) / 1000,
      lost: this.order.total - this.count,
      doubled: this.doubled,
      outOfOrder: this.outOfOrder,
      cpuSeconds: (user + system) / 1e6,
    });
  }
}
