/** A partition as it was at one look: where its log ended, and how far its consumer had committed. */
export interface PartitionLook {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
  /** Null where the consumer never committed. */
  readonly committed: number | null;
}

interface Seen {
  /** All that was written before this instant lies before `high`. */
  readonly at: number;
  readonly high: number;
}

/** Looks that are kept of a partition whose consumer is behind: forgetting one makes the answer older, never wrong. */
const MOST = 600;

/** Until when a consumer has handled what was written to each partition, learnt from looks at its log and its commits. */
export class HeardUntil {
  private readonly open = new Map<number, Seen[]>();
  private readonly until = new Map<number, number>();

  /** Takes a look in that was taken at `at`, in milliseconds since 1970, or a little later. */
  look(at: number, looks: readonly PartitionLook[]): void {
    for (const { partition, low, high, committed } of looks) {
      const done = committed ?? low;
      const open = [...(this.open.get(partition) ?? []), { at, high }];
      const passed = open.findLast((seen) => seen.high <= done);
      if (passed) this.until.set(partition, passed.at);
      else if (!this.until.has(partition)) this.until.set(partition, -Infinity);
      const left = open.filter((seen) => seen.high > done);
      this.open.set(partition, left.length > MOST ? left.toSpliced(-2, 1) : left);
    }
  }

  /** By partition, in milliseconds since 1970; -Infinity where nothing is known yet. */
  all(): ReadonlyMap<number, number> {
    return this.until;
  }
}
