/** A stretch of the way that messages go: a consumer's group and the topic that it reads, both without prefix. */
export interface Hop {
  readonly group: string;
  readonly topic: string;
  /** Whether the topic is keyed by profile, as most are: then partition n of one hop feeds partition n of the next. Else the whole topic counts for all. */
  readonly keyed: boolean;
}

/** A partition that is behind: what was written after `until` (milliseconds since 1970) may not have been heard yet. */
export interface BehindPartition {
  readonly partition: number;
  readonly until: number;
}

/** When it is for a clock, and whose turn must wait because what was said before may not have been heard yet. */
export interface Due {
  readonly now: Date;
  readonly behind: readonly BehindPartition[];
}

/** How old the news may be before a partition counts as behind. Consumers tell Kafka every two seconds how far they are. */
export const BACKLOG_TOLERANCE_MS = 5_000;

/** Whether messages wait on the way to a process: a clock that went on regardless would overtake what was said before. */
export abstract class Backlog {
  /** Looks at the way; to be called every second or so. */
  abstract look(): Promise<void>;
  /** The partitions whose way is behind by more than the tolerance at `now`; null while nothing is known. */
  abstract behind(now: Date): readonly BehindPartition[] | null;
  /** Lets go of connections; the next look makes another. */
  abstract close(): Promise<void>;
}

/** Of every partition, the worst of its hops; then those that are behind. Null before every hop was looked at. */
export function behindOf(
  hops: readonly { readonly keyed: boolean; readonly until: ReadonlyMap<number, number> }[],
  now: number,
): readonly BehindPartition[] | null {
  if (hops.some(({ until }) => until.size === 0)) return null;
  const everywhere = Math.min(Infinity, ...hops.filter(({ keyed }) => !keyed).flatMap(({ until }) => [...until.values()]));
  const worst = new Map<number, number>();
  for (const { until } of hops.filter(({ keyed }) => keyed)) {
    for (const [partition, at] of until) worst.set(partition, Math.min(worst.get(partition) ?? everywhere, at));
  }
  return [...worst]
    .filter(([, until]) => until < now - BACKLOG_TOLERANCE_MS)
    .map(([partition, until]) => ({ partition, until }));
}
