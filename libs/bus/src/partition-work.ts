import type { EachBatchPayload } from 'kafkajs';
import { PositionImpossible, type Assignment, type OwnedPartition } from './assignment.js';
import { Interrupted } from './batch-worker.js';
import { PartitionLost } from './infrastructure-error.js';
import type { PieceJoiner } from './piece-joiner.js';
import type { BusLog } from './kafka-settings.js';
import type { Positions } from './positions.js';
import { pause, retrying } from './retrying.js';

/** What working through a fetched batch needs. */
export interface PartitionWorkParts {
  readonly consumer: string;
  readonly maxBatch: number;
  readonly joiner: Pick<PieceJoiner, 'work'>;
  readonly positions: Pick<Positions, 'load'>;
  /** Makes the next fetch of a partition begin at what is expected of it. */
  readonly seek: (partition: OwnedPartition) => void;
  readonly log: BusLog;
  readonly patienceMs: number;
}

type Fetched = Pick<EachBatchPayload, 'batch' | 'resolveOffset'>;

/** Works through what one fetch brought of one partition, piece by piece; rejects with what the process must not go on from. */
export class PartitionWork {
  constructor(private readonly parts: PartitionWorkParts) {}

  async through(fetched: Fetched, partition: OwnedPartition, assignment: Assignment): Promise<void> {
    if (!this.continues(fetched, partition)) return;
    partition.high = Number(fetched.batch.highWatermark);
    try {
      await this.pieces(fetched, partition, assignment.signal);
    } catch (error) {
      if (error instanceof Interrupted) return;
      if (!(error instanceof PartitionLost)) throw error;
      await this.readAgain(error, partition, assignment.signal);
    }
  }

  private async pieces(
    { batch, resolveOffset }: Fetched,
    partition: OwnedPartition,
    signal: AbortSignal,
  ): Promise<void> {
    const { maxBatch, joiner } = this.parts;
    for (let at = 0; at < batch.messages.length && !signal.aborted; at += maxBatch) {
      const records = batch.messages.slice(at, at + maxBatch);
      const isLast = at + maxBatch >= batch.messages.length;
      // The batch may end in control records, which are no messages and still lie behind us then.
      const to = Number(isLast ? batch.lastOffset() : records.at(-1)?.offset) + 1;
      partition.oldestAt = Number(records[0]?.timestamp);
      await joiner.work(
        { topic: partition.topic, partition: partition.partition, records, from: partition.stored, to },
        signal,
      );
      partition.moveTo(to);
      resolveOffset(String(to - 1));
    }
  }

  /** Whether this fetch begins where the last one ended. kafkajs jumps without a word when the log no longer has an offset. */
  private continues({ batch }: Fetched, partition: OwnedPartition): boolean {
    // There at run time, missing in the types. The first message's own offset may be later: transactions and compaction leave holes.
    const fetched = Number('fetchedOffset' in batch ? batch.fetchedOffset : batch.firstOffset());
    if (fetched === partition.expected) return true;
    if (fetched > partition.expected) {
      const { topic, partition: number, expected } = partition;
      throw new PositionImpossible(
        `${this.parts.consumer} on ${topic}/${number}: the log went from ${expected} to ${fetched}: messages between were lost before they were handled`,
      );
    }
    this.parts.seek(partition);
    return false;
  }

  /** The position is not where we left it: a commit whose answer was lost, or another owner. What is stored counts. */
  private async readAgain(error: PartitionLost, partition: OwnedPartition, signal: AbortSignal): Promise<void> {
    const { positions, seek, log, patienceMs, consumer } = this.parts;
    const { topic, partition: number } = partition;
    log('warn', 'the position is not where it was left, reading it again', {
      consumer,
      topic,
      partition: number,
      error: error.message,
    });
    // A zombie learns from its next heartbeat that it is one; meanwhile it must not spin.
    await pause(100 + Math.random() * 400, signal);
    if (signal.aborted) return;
    const stored = await retrying(() => positions.load(topic, [number]), { patienceMs, signal }).catch(
      (reason: unknown) => {
        if (signal.aborted) return null;
        throw reason;
      },
    );
    if (stored === null) return;
    partition.moveTo(stored.get(number) ?? partition.stored);
    seek(partition);
  }
}
