import { Backlog, type BehindPartition } from '@tidings/bus';

/** A backlog as a test says it is; nobody is behind until it says so. */
export class GivenBacklog extends Backlog {
  partitions: readonly BehindPartition[] | null = [];

  override look(): Promise<void> {
    return Promise.resolve();
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  override behind(): readonly BehindPartition[] | null {
    return this.partitions;
  }
}
