import type { Kafka } from 'kafkajs';
import { BatchWorker, type Handle } from './batch-worker.js';
import type { RawBatch } from './batch.js';
import { Brake } from './brake.js';
import { consumerMetrics } from './consumer-metrics.js';
import type { Consumption } from './consumes.js';
import { DeadLetterBox } from './dead-letter-box.js';
import { decodeRaw } from './decode.js';
import { GroupConsumer } from './group-consumer.js';
import { healthOf } from './kafka-batch-strategy.js';
import { InfrastructureError } from './infrastructure-error.js';
import { asInfrastructureError, kafkaClient } from './kafka-client.js';
import { silent, type BusLog, type KafkaSettings } from './kafka-settings.js';
import type { ConsumerHealth } from './health.js';
import { committedOffsets, committedPositions, fromInstant, offsetsSince } from './positions.js';
import type { Publisher } from './publisher.js';
import { lastRecords, type LastRecord } from './last-records.js';
import { Watermarks } from './watermarks.js';

/** What reading customers' topics needs of its process. */
export interface CustomerTopicsOptions {
  readonly kafka: KafkaSettings;
  /** Where dead letters go through. */
  readonly publisher: Publisher;
  readonly log?: BusLog;
}

/** Who reads which topic; `topic` is its full name, `group` gets the installation's prefix. */
export interface CustomerTopic {
  readonly group: string;
  readonly topic: string;
  /**
   * Where a group begins that never read the topic, or a partition of it: at the oldest record, or at the first that is not
   * older than an instant. So nothing is skipped of a topic, or a partition, that is made after that instant.
   */
  readonly from: 'earliest' | Date;
}

/** How a topic is read. */
export interface FollowOptions {
  readonly handle: (batch: RawBatch) => Promise<void>;
  /** Reading came to an end that only somebody can mend: retention overtook it, or Kafka stayed away. Called once at most; to be stopped then. */
  readonly onFailed: (error: Error) => void;
}

/** A topic that is being read. */
export interface Following {
  /** Resolves when the group is joined; rejects with `InfrastructureError` for a topic that is not there, or a broker that stays away. */
  start(): Promise<void>;
  /** Finishes the batch in hand and leaves the group. Any number of times. */
  stop(): Promise<void>;
  health(): ConsumerHealth;
}

/** How far a group is behind in one partition. `next` is null where it never committed. */
export interface PartitionLag {
  readonly partition: number;
  readonly next: number | null;
  readonly end: number;
  readonly lag: number;
}

const patienceMs = 60_000;

/**
 * Topics that are not ours: named while the process runs, by their full names, read as bytes from when `start` is
 * called until `stop`, positions committed to Kafka. What goes wrong with one of them ends that one, never the process.
 */
export class CustomerTopics {
  private readonly log: BusLog;
  private readonly client: Kafka;
  private readonly watermarks: Watermarks;
  private readonly running = new Set<GroupConsumer>();
  private readonly metrics = consumerMetrics(() => [...this.running].map(healthOf));

  constructor(private readonly options: CustomerTopicsOptions) {
    this.log = options.log ?? silent;
    this.client = kafkaClient(options.kafka, this.log);
    this.watermarks = new Watermarks(this.client);
  }

  /** A reader of a topic, not started yet. */
  follow(topic: CustomerTopic, { handle, onFailed }: FollowOptions): Following {
    const consumer = this.consumer(topic, handle as Handle, onFailed);
    return {
      start: async () => {
        // Joining would wait for a topic that is only mistyped.
        await this.mustExist(topic.topic);
        this.running.add(consumer);
        await consumer.start();
      },
      stop: async () => {
        await consumer.stop();
        this.running.delete(consumer);
      },
      health: () => healthOf(consumer),
    };
  }

  /** How far a group is behind, by partition, whichever replica reads it; rejects with `InfrastructureError` for a topic that is not there. */
  async lag({ group, topic, from }: CustomerTopic): Promise<readonly PartitionLag[]> {
    await this.mustExist(topic);
    const ends = await this.watermarks.of(topic);
    const committed = await committedOffsets(this.client, this.groupId(group, topic), topic, [...ends.keys()]);
    const begins = from === 'earliest' ? new Map<number, number>() : await offsetsSince(this.client, topic, from);
    return [...ends].toSorted(([a], [b]) => a - b).map(([partition, { low, high }]) => {
      const next = committed.get(partition) ?? null;
      const at = next ?? begins.get(partition) ?? low;
      return { partition, next, end: high, lag: Math.max(0, high - Math.max(at, low)) };
    });
  }

  /** The newest records of a topic, at most `count` of all its partitions together, the oldest of them first. */
  async last(topic: string, count: number, signal: AbortSignal): Promise<readonly LastRecord[]> {
    await this.mustExist(topic);
    try {
      return await lastRecords(this.client, { topic, count, signal, prefix: this.options.kafka.topicPrefix });
    } catch (error) {
      throw asInfrastructureError(`reading the end of ${topic}`, error);
    }
  }

  /** Lets go of the connections that looking needs; readers are stopped by whoever started them. */
  close(): Promise<void> {
    return this.watermarks.close();
  }

  /** Asked of the whole list, because a broker may create a topic that is asked for by name. */
  private async mustExist(topic: string): Promise<void> {
    const admin = this.client.admin();
    try {
      await admin.connect();
      if (!(await admin.listTopics()).includes(topic)) throw new InfrastructureError(`there is no topic ${topic}`);
    } catch (error) {
      throw asInfrastructureError(`looking for ${topic}`, error);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  private groupId(group: string, topic: string): string {
    return `${this.options.kafka.topicPrefix}${group}.${topic}`;
  }

  private consumer({ group, topic, from }: CustomerTopic, handle: Handle, onFatal: (error: Error) => void): GroupConsumer {
    const consumption = consumptionOf(group, topic);
    const groupId = this.groupId(group, topic);
    return new GroupConsumer({
      kafka: this.client,
      // Their names are whole.
      prefix: '',
      groupId,
      consumption,
      patienceMs,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
      onFatal,
      log: this.log,
      watermarks: this.watermarks,
      onRebalance: () => {
        this.metrics.rebalanced(group);
      },
      positionsFor: (consumer) => {
        const positions = committedPositions(this.client, consumer, { groupId, prefix: '' });
        return from === 'earliest' ? positions : fromInstant(positions, (name) => offsetsSince(this.client, name, from));
      },
      workerFor: (positions) => this.worker(group, handle, positions),
    });
  }

  private worker(group: string, handle: Handle, positions: ReturnType<typeof committedPositions>): BatchWorker {
    const { log, metrics } = this;
    const count = (topic: string, letters: number) => {
      metrics.deadLetters(group, topic, letters);
    };
    return new BatchWorker({
      group,
      schema: '',
      handle,
      positions,
      decode: decodeRaw,
      brake: new Brake(group),
      deadLetters: new DeadLetterBox({ consumer: group, publisher: this.options.publisher, log, count }),
      patience: {
        patienceMs,
        onRetry: (error) => {
          log('warn', 'infrastructure trouble, trying the batch again', { group, error: error.message });
        },
      },
      measure: (messages, seconds) => {
        metrics.batch(group, messages, seconds);
      },
    });
  }
}

/** Small batches, because a record may cost much; two at a time, because many topics share a process. */
function consumptionOf(group: string, name: string): Consumption {
  const topic = { name, description: '', schema: {}, key: () => '', cleanup: 'delete', retentionDays: 28 } as const;
  return { group, schema: '', positions: 'committed', maxBatch: 200, concurrency: 2, paceMs: 20, lingerMs: 0, raw: true, topics: [topic] };
}
