import { type Assignment, checkPosition, OwnedPartition } from './assignment.js';
import { InfrastructureError } from './infrastructure-error.js';
import type { Positions } from './positions.js';
import { retrying, type Patience } from './retrying.js';
import type { Watermarks } from './watermarks.js';

/** What loading an assignment needs. */
export interface LoadParts {
  readonly consumer: string;
  readonly prefix: string;
  readonly positions: Positions;
  readonly watermarks: Watermarks;
  readonly patience: Pick<Patience, 'patienceMs' | 'onRetry'>;
}

/**
 * Finds where each partition of an assignment goes on: at the stored position, whatever Kafka's own commit says; at
 * the beginning of the log where the consumer never began. Throws `PositionImpossible` where the log contradicts.
 */
export async function loadAssignment(assignment: Assignment, parts: LoadParts): Promise<void> {
  for (const [topic, partitions] of assignment.topics) {
    const patience = { ...parts.patience, signal: assignment.signal };
    const loaded = await retrying(() => loadTopic(topic, partitions, parts), patience);
    for (const partition of loaded) assignment.own(partition);
  }
}

async function loadTopic(
  topic: string,
  partitions: readonly number[],
  parts: LoadParts,
): Promise<readonly OwnedPartition[]> {
  const { consumer, positions } = parts;
  let stored = await positions.load(topic, partitions);
  // Asked after the positions, so that a position that moved meanwhile cannot look as if it were beyond the end.
  const watermarks = await parts.watermarks.of(parts.prefix + topic);
  const fresh = partitions.filter((partition) => isMissing(stored.get(partition)));
  for (const partition of fresh) await positions.begin(topic, partition, watermarks.get(partition)?.low ?? 0);
  // Whoever else began it a moment earlier has the say.
  if (fresh.length > 0) stored = new Map([...stored, ...(await positions.load(topic, fresh))]);
  return partitions.map((partition) => {
    const watermark = watermarks.get(partition);
    if (watermark === undefined) throw new InfrastructureError(`no broker knows ${topic}/${partition} yet`);
    const next = stored.get(partition) ?? watermark.low;
    checkPosition(consumer, topic, partition, next, watermark);
    return new OwnedPartition(topic, partition, next, watermark.high);
  });
}

const isMissing = (offset: number | null | undefined): boolean => offset === null || offset === undefined;
