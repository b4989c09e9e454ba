import type { Watermark } from './watermarks.js';

/** One partition while this process owns it. */
export class OwnedPartition {
  /** What the next fetch must begin with. Beyond `stored` where only control records or compacted ones lay between. */
  expected: number;
  /** The offset of the next message to be written, when last heard. */
  high: number;
  /** When the oldest message that is not done was written; null when all are done. */
  oldestAt: number | null = null;
  /** What Kafka was last told, for lag dashboards. */
  committed: number | null = null;

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Where the position stands. */
    public stored: number,
    high: number,
  ) {
    this.expected = stored;
    this.high = high;
  }

  /** Everything before `next` is done and its position moved. */
  moveTo(next: number): void {
    this.stored = this.expected = next;
    if (next >= this.high) this.oldestAt = null;
  }

  /** Messages that wait. */
  get lag(): number {
    return Math.max(0, this.high - this.expected);
  }
}

/** The partitions of one generation of the group, from the join until the next rebalance, stop or loss. */
export class Assignment {
  private readonly owned = new Map<string, OwnedPartition>();
  private readonly ended = new AbortController();
  /** Whether positions are loaded and fetching has begun. */
  loaded = false;

  constructor(readonly topics: ReadonlyMap<string, readonly number[]>) {}

  /** Aborted when these partitions are about to go. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  end(): void {
    this.ended.abort();
  }

  own(partition: OwnedPartition): void {
    this.owned.set(`${partition.topic}/${partition.partition}`, partition);
  }

  find(topic: string, partition: number): OwnedPartition | undefined {
    return this.owned.get(`${topic}/${partition}`);
  }

  partitions(): readonly OwnedPartition[] {
    return [...this.owned.values()];
  }
}

/** A position that Kafka's log contradicts: an operator has to look, because going on would skip or repeat without a word. */
export class PositionImpossible extends Error {
  override readonly name = 'PositionImpossible';
}

/** Throws when a position lies outside of the log, saying what happened and how to go on. */
export function checkPosition(
  consumer: string,
  topic: string,
  partition: number,
  next: number,
  { low, high }: Watermark,
): void {
  const where = `${consumer} on ${topic}/${partition}`;
  const how = `to go on and accept that, set its next offset in kafka_position (or the group's committed offset) to`;
  if (next < low) {
    throw new PositionImpossible(
      `${where}: messages ${next} to ${low - 1} were deleted by retention before they were handled; ${how} ${low}`,
    );
  }
  if (next > high) {
    throw new PositionImpossible(
      `${where}: the position is ${next} but the log ends at ${high}: the topic lost messages or was created anew; ${how} ${low}`,
    );
  }
}
