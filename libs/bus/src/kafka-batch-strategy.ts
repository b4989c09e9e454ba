import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { BatchWorker, type Handle } from './batch-worker.js';
import { Brake } from './brake.js';
import { consumerMetrics } from './consumer-metrics.js';
import type { Consumption } from './consumes.js';
import { DeadLetterBox } from './dead-letter-box.js';
import { decodeRaw, decoderOf } from './decode.js';
import { GroupConsumer } from './group-consumer.js';
import { busHealth, type BusHealth, type ConsumerHealth } from './health.js';
import { kafkaClient } from './kafka-client.js';
import { silent, type BusLog, type KafkaSettings } from './kafka-settings.js';
import type { PositionStore } from './position-store.js';
import { committedPositions, storedPositions, type Positions } from './positions.js';
import type { Publisher } from './publisher.js';
import { Watermarks } from './watermarks.js';

/** What consumers need of their process. */
export interface KafkaBatchOptions {
  readonly kafka: KafkaSettings;
  /** Where dead letters go through. */
  readonly publisher: Publisher;
  /** Required as soon as a handler stores its positions. */
  readonly positions?: PositionStore;
  readonly log?: BusLog;
  /** The process cannot go on and should end; the message is a sentence for its log. Called once per consumer at most. */
  readonly onFatal: (error: Error) => void;
  /** How long infrastructure trouble is waited out; 60 s. */
  readonly patienceMs?: number;
  /** How soon the group gives up a member that is silent; 10 s, the broker allows no less than 6. */
  readonly sessionTimeoutMs?: number;
  /** How long the group waits for members to finish what they have in hand; 30 s. */
  readonly rebalanceTimeoutMs?: number;
  /** Every consumer has one batch in hand at a time, whatever its `concurrency`: for a process that leaves the processor to others. */
  readonly oneBatchAtATime?: boolean;
}

interface Readers {
  readonly group: string;
  readonly topics: readonly { readonly name: string }[];
}

/** The Kafka group of a consumer: one of its own for each handler, because kafkajs cannot mix topics within a group. */
export const kafkaGroupId = (prefix: string, { group, topics }: Readers): string =>
  `${prefix}${group}.${topics.map(({ name }) => name).join('+')}`;

/**
 * Nest's transport for methods marked with `@Consumes`: each gets a consumer of its own. `listen` resolves when all have
 * joined their groups, `close` when all have finished the batch in hand and left.
 */
export class KafkaBatchStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly log: BusLog;
  private readonly watermarks: Watermarks;
  private readonly metrics = consumerMetrics(() => this.consumers.map(healthOf));
  private consumers: readonly GroupConsumer[] = [];
  private closing: Promise<void> | null = null;

  constructor(private readonly options: KafkaBatchOptions) {
    super();
    this.log = options.log ?? silent;
    this.watermarks = new Watermarks(kafkaClient(options.kafka, this.log));
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => {
      callback();
    }, callback);
  }

  /** Any number of times: the first counts. */
  async close(): Promise<void> {
    this.closing ??= this.stop();
    await this.closing;
  }

  /** How all consumers are, for probes. */
  health(): BusHealth {
    return busHealth(this.consumers.map(healthOf), new Date());
  }

  override on(): void {
    throw new Error('the bus has no events to listen to: see health() and onFatal');
  }

  override unwrap<T>(): T {
    throw new Error('the Kafka client stays within libs/bus');
  }

  private async stop(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    await this.watermarks.close();
  }

  private async start(): Promise<void> {
    this.consumers = [...this.messageHandlers].flatMap(([pattern, handler]) => {
      const consumption = (handler.extras as { consumption?: Consumption } | undefined)?.consumption;
      if (consumption === undefined) return [];
      if (handler.next) throw new Error(`two handlers consume ${pattern}: give one of them a group of its own`);
      const allowed = this.options.oneBatchAtATime ? { ...consumption, concurrency: 1 } : consumption;
      return [this.consumer(allowed, async (batch) => settled(await handler(batch)))];
    });
    await Promise.all(this.consumers.map((consumer) => consumer.start()));
  }

  private consumer(consumption: Consumption, handle: Handle): GroupConsumer {
    const {
      kafka,
      onFatal,
      patienceMs = 60_000,
      sessionTimeoutMs = 10_000,
      rebalanceTimeoutMs = 30_000,
    } = this.options;
    const client = kafkaClient(kafka, this.log);
    const groupId = kafkaGroupId(kafka.topicPrefix, consumption);
    return new GroupConsumer({
      kafka: client,
      prefix: kafka.topicPrefix,
      groupId,
      consumption,
      patienceMs,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      onFatal,
      log: this.log,
      watermarks: this.watermarks,
      onRebalance: () => {
        this.metrics.rebalanced(consumption.group);
      },
      positionsFor: (consumer) =>
        consumption.positions === 'stored'
          ? storedPositions(this.store(consumption), consumption)
          : committedPositions(client, consumer, { groupId, prefix: kafka.topicPrefix }),
      workerFor: (positions) => this.worker(consumption, handle, positions, patienceMs),
    });
  }

  private worker(consumption: Consumption, handle: Handle, positions: Positions, patienceMs: number): BatchWorker {
    const { group, schema, topics, raw } = consumption;
    const { log, metrics } = this;
    const count = (topic: string, letters: number) => {
      metrics.deadLetters(group, topic, letters);
    };
    return new BatchWorker({
      group,
      schema,
      handle,
      positions,
      decode: raw ? decodeRaw : decoderOf(topics),
      brake: new Brake(group),
      deadLetters: new DeadLetterBox({ consumer: group, publisher: this.options.publisher, log, count }),
      patience: {
        patienceMs,
        onRetry: (error, waitMs) => {
          log('warn', 'infrastructure trouble, trying the batch again', {
            group,
            error: error.message,
            waitMs: Math.round(waitMs),
          });
        },
      },
      measure: (messages, seconds) => {
        metrics.batch(group, messages, seconds);
      },
    });
  }

  private store({ group }: Consumption): PositionStore {
    if (this.options.positions) return this.options.positions;
    throw new Error(`consumer ${group} stores its positions, but the bus was given no PositionStore`);
  }
}

/** A handler's end, whether Nest hands it over as a promise or as an observable. */
async function settled(result: unknown): Promise<void> {
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}

/** How a consumer is, for probes and metrics. */
export function healthOf(consumer: GroupConsumer): ConsumerHealth {
  const { group, topics } = consumer.consumption;
  return {
    group,
    topics: topics.map(({ name }) => name),
    ready: consumer.ready,
    lastTickAt: consumer.lastTickAt,
    partitions: consumer.partitions().map(({ topic, partition, expected, lag, oldestAt }) => ({
      topic, partition, next: expected, lag, oldestAt: oldestAt === null ? null : new Date(oldestAt),
    })), // prettier-ignore
  };
}
