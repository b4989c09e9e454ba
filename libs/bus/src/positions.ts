import type { Consumer, Kafka } from 'kafkajs';
import type { Position } from './batch.js';
import type { Consumption } from './consumes.js';
import { PartitionLost } from './infrastructure-error.js';
import { asInfrastructureError, protocolError } from './kafka-client.js';
import type { PositionStore } from './position-store.js';

/** How far one consumer has come, wherever that is kept. */
export interface Positions {
  /** The next offset of each partition; null where the consumer never began. */
  load(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number | null>>;
  begin(topic: string, partition: number, offset: number): Promise<void>;
  /** Moves a position when no handler did. */
  advance(position: Position): Promise<void>;
  /** Told after a handler resolved. */
  handled(positions: readonly Position[]): Promise<void>;
}

/** Kept in Postgres beside the work: the handler has moved it already when it resolves. */
export function storedPositions(store: PositionStore, { schema, group }: Consumption): Positions {
  return {
    load: (topic, partitions) => store.load(schema, group, topic, partitions),
    begin: (topic, partition, offset) => store.begin(schema, group, topic, partition, offset),
    advance: (position) => store.advance(position),
    handled: () => Promise.resolve(),
  };
}

const gone = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID']);

/** Kept by Kafka, for consumers without a database. */
export function committedPositions(
  kafka: Kafka,
  consumer: Consumer,
  names: { readonly groupId: string; readonly prefix: string },
): Positions {
  const commitNow = async (positions: readonly Position[]): Promise<void> => {
    const offsets = positions.map(({ topic, partition, to }) => ({
      topic: names.prefix + topic,
      partition,
      offset: String(to),
    }));
    try {
      await consumer.commitOffsets(offsets);
    } catch (error) {
      if (gone.has(protocolError(error)))
        throw new PartitionLost(`${names.groupId} no longer owns what it read`, { cause: error });
      throw asInfrastructureError('committing to Kafka', error);
    }
  };
  const commit = joined(commitNow);
  return {
    load: (topic, partitions) => committedOffsets(kafka, names.groupId, names.prefix + topic, partitions),
    begin: () => Promise.resolve(),
    advance: (position) => commit([position]),
    handled: commit,
  };
}

/** One commit in flight; what is handed over meanwhile goes with the next, and shares its fate. */
function joined(commit: (positions: readonly Position[]) => Promise<void>): typeof commit {
  let last = Promise.resolve();
  let next: { readonly positions: Position[]; readonly done: Promise<void> } | null = null;
  const begin = (positions: Position[]) => {
    const turn = async () => {
      next = null;
      await commit(positions);
    };
    const done = last.then(turn, turn);
    last = done;
    return { positions, done };
  };
  return (positions) => {
    if (next === null) next = begin([...positions]);
    else next.positions.push(...positions);
    return next.done;
  };
}

/**
 * Positions that begin, where they never began, at the offsets of an instant, and say so to Kafka at once: retention
 * before the first message must not be taken for messages that were lost.
 */
export function fromInstant(positions: Positions, offsets: (topic: string) => Promise<ReadonlyMap<number, number>>): Positions {
  return {
    ...positions,
    begin: async (topic, partition) => {
      const at = (await offsets(topic)).get(partition);
      if (at !== undefined) await positions.advance({ schema: '', consumer: '', topic, partition, from: at, to: at });
    },
  };
}

/** The first offset of each partition whose message is not older than an instant; its end where there is none. `topic` with its prefix. */
export async function offsetsSince(kafka: Kafka, topic: string, since: Date): Promise<ReadonlyMap<number, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
    return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
  } catch (error) {
    throw asInfrastructureError('reading offsets of an instant', error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** What a group has committed, by partition; null where it never did. `topic` with its prefix. */
export async function committedOffsets(
  kafka: Kafka,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, number | null>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const offsets = new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return new Map(partitions.map((partition) => [partition, known(offsets.get(partition))]));
  } catch (error) {
    throw asInfrastructureError('reading committed offsets', error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Kafka answers -1 for a partition that the group never committed. */
const known = (offset: number | undefined): number | null => (offset === undefined || offset < 0 ? null : offset);
