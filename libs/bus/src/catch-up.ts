import type { Watermark } from './watermarks.js';

/** How far a reader has come, and whether it has seen all that was there when it began. The last record of a log is never compacted away, so it will be seen. */
export class CatchUp {
  /** Resolves when it has, or when nobody waits any more. */
  readonly done: Promise<void>;
  private resolve: () => void = () => {};
  private readonly nexts = new Map<number, number>();

  constructor(private readonly targets: ReadonlyMap<number, Watermark>) {
    this.done = new Promise((resolve) => (this.resolve = resolve));
    if (this.isDone()) this.resolve();
  }

  /** Where reading a partition goes on; undefined while nothing of it was read. */
  next(partition: number): number | undefined {
    return this.nexts.get(partition);
  }

  /** Everything of a partition before `next` was read. */
  reached(partition: number, next: number): void {
    this.nexts.set(partition, next);
    if (this.isDone()) this.resolve();
  }

  /** Nobody waits any more. */
  giveUp(): void {
    this.resolve();
  }

  private isDone(): boolean {
    return [...this.targets].every(
      ([partition, { low, high }]) => low === high || (this.nexts.get(partition) ?? 0) >= high,
    );
  }
}
