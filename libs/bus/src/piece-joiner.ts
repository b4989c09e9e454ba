import { setImmediate as turn } from 'node:timers/promises';
import type { BatchWorker } from './batch-worker.js';
import type { Piece } from './kafka-record.js';

/** What joining needs. */
export interface PieceJoinerParts {
  readonly worker: Pick<BatchWorker, 'together' | 'work'>;
  /** The most records that are joined. */
  readonly maxBatch: number;
  /** How many batches are worked on at a time. */
  readonly concurrency: number;
}

interface Waiting {
  readonly piece: Piece;
  readonly signal: AbortSignal;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes one batch of what a fetch brought of several partitions, as far as it fits: one transaction instead of one per
 * partition is most of what a service saves when messages are few, and nobody waits for anybody else's. A group whose
 * joint work fails by the fault of one of its pieces is done piece by piece.
 */
export class PieceJoiner {
  private waiting: Waiting[] = [];
  private working = 0;
  private looking = false;

  constructor(private readonly parts: PieceJoinerParts) {}

  /** Does a piece, alone or in company; settles as `BatchWorker.work` does. One piece of a partition at a time. */
  work(piece: Piece, signal: AbortSignal): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ piece, signal, done, failed });
      void this.look();
    });
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    // The partitions of one fetch come one after the other within this turn of the event loop.
    await turn();
    this.looking = false;
    while (this.working < this.parts.concurrency && this.waiting.length > 0) void this.begin(this.next());
  }

  private async begin(group: readonly Waiting[]): Promise<void> {
    this.working += 1;
    await this.workOn(group);
    this.working -= 1;
    void this.look();
  }

  /** As many as fit, in the order in which they came; of one generation, because they stop together. */
  private next(): readonly Waiting[] {
    let records = 0;
    const signal = this.waiting[0]?.signal;
    const end = this.waiting.findIndex(({ piece, signal: other }, index) => {
      records += piece.records.length;
      return index > 0 && (records > this.parts.maxBatch || other !== signal);
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  private async workOn(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    if (group.length > 1 && !(await this.isApart(group, first.signal))) return;
    for (const { piece, signal, done, failed } of group) await this.parts.worker.work(piece, signal).then(done, failed);
  }

  /** Tries the group as one; false when that settled all of it. */
  private async isApart(group: readonly Waiting[], signal: AbortSignal): Promise<boolean> {
    try {
      const pieces = group.map(({ piece }) => piece);
      if ((await this.parts.worker.together(pieces, signal)) === 'apart') return true;
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
    return false;
  }
}
