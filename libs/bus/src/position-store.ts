import type { Position } from './batch.js';

/** Where consumers keep how far they have come, beside the work they did. A class, so that it can be injected. */
export abstract class PositionStore {
  /** The next offset of each partition asked for; null where the consumer never began. */
  abstract load(
    schema: string,
    consumer: string,
    topic: string,
    partitions: readonly number[],
  ): Promise<Map<number, number | null>>;

  /** Begins a partition at `offset`; where the consumer already began, nothing changes. */
  abstract begin(schema: string, consumer: string, topic: string, partition: number, offset: number): Promise<void>;

  /** Moves a position with no work beside it, as after a dead letter; rejects with `PartitionLost` when it is not at `from`. */
  abstract advance(position: Position): Promise<void>;
}
