/** One partition that a consumer owns. */
export interface PartitionHealth {
  readonly topic: string;
  readonly partition: number;
  /** The offset it goes on with. */
  readonly next: number;
  /** Messages that wait. */
  readonly lag: number;
  /** When the oldest message that is not done was written; null when none waits. */
  readonly oldestAt: Date | null;
}

/** How one consumer is. */
export interface ConsumerHealth {
  readonly group: string;
  readonly topics: readonly string[];
  /** Joined its group and knows where its partitions go on. */
  readonly ready: boolean;
  /** When its loop last went round; null before it began. */
  readonly lastTickAt: Date | null;
  readonly partitions: readonly PartitionHealth[];
}

/** How all consumers of a process are. */
export interface BusHealth {
  /** Every consumer is ready. */
  readonly ready: boolean;
  /** Every consumer's loop went round within the last minute. Says nothing about whether Kafka can be reached. */
  readonly live: boolean;
  readonly consumers: readonly ConsumerHealth[];
}

const LIVE_MS = 60_000;

/** Sums consumers up; one that has not begun yet counts as live. */
export function busHealth(consumers: readonly ConsumerHealth[], now: Date): BusHealth {
  return {
    ready: consumers.every(({ ready }) => ready),
    live: consumers.every(({ lastTickAt }) => lastTickAt === null || now.getTime() - lastTickAt.getTime() <= LIVE_MS),
    consumers,
  };
}
