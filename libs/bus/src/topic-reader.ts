import { randomUUID } from 'node:crypto';
import type { Topic } from '@tidings/contracts';
import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import type { Static, TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';
import type { Envelope } from './batch.js';
import { CatchUp } from './catch-up.js';
import { validatorOf } from './check-message.js';
import { readValue, Refused } from './decode.js';
import { asInfrastructureError, clientRetry, kafkaClient } from './kafka-client.js';
import type { KafkaRecord } from './kafka-record.js';
import { leave } from './leave.js';
import { silent, type BusLog, type KafkaSettings } from './kafka-settings.js';
import { ReadEnvelope } from './read-envelope.js';
import { reasonOf } from './reason.js';
import { retrying } from './retrying.js';
import { Watermarks } from './watermarks.js';

/** What reading a whole topic needs. */
export interface TopicReaderOptions<S extends TSchema> {
  readonly kafka: KafkaSettings;
  readonly topic: Topic<S>;
  readonly log?: BusLog;
  /** The reader cannot go on and the process should end. */
  readonly onFatal: (error: Error) => void;
  /** How long a broker that is away is waited for; 60 s. */
  readonly patienceMs?: number;
}

/** A message of the topic, or null: whatever was there under this key is gone. */
export type TopicRecord<S extends TSchema> = Envelope<Static<S> | null>;

/**
 * Reads a topic from its first message on, in each process for itself, and follows it: for compacted topics, which hold
 * a state. Records come in order, each at least once; those that are no message of the topic are logged and left out.
 */
export class TopicReader<S extends TSchema> {
  private readonly log: BusLog;
  private readonly client: Kafka;
  private readonly consumer: Consumer;
  private readonly validator: Validator;
  private readonly topicName: string;
  private readonly stopping = new AbortController();
  private catchUp = new CatchUp(new Map());
  private onRecord: (record: TopicRecord<S>) => void = () => {};
  private tickedAt: number | null = null;
  private outage: NodeJS.Timeout | null = null;

  constructor(private readonly options: TopicReaderOptions<S>) {
    const { kafka, topic } = options;
    this.log = options.log ?? silent;
    this.topicName = kafka.topicPrefix + topic.name;
    this.validator = validatorOf(topic.schema);
    this.client = kafkaClient(kafka, this.log);
    this.consumer = this.client.consumer({
      // kafkajs reads only as a member of a group: this one has no other member and leaves nothing behind.
      groupId: `${kafka.topicPrefix}reader.${topic.name}.${randomUUID()}`,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { ...clientRetry, restartOnFailure: async () => !this.stopping.signal.aborted },
    });
    this.listen();
  }

  /** When its loop last went round; null before it began. */
  get lastTickAt(): Date | null {
    return this.tickedAt === null ? null : new Date(this.tickedAt);
  }

  /** Resolves when everything that was on the topic at this moment was handed over; goes on until `stop`. */
  async start(onRecord: (record: TopicRecord<S>) => void): Promise<void> {
    this.onRecord = onRecord;
    const { patienceMs = 60_000 } = this.options;
    await retrying(() => this.begin(), {
      patienceMs,
      maxWaitMs: 2_000,
      signal: this.stopping.signal,
      onRetry: (error) => {
        this.tick();
        this.log('warn', 'Kafka cannot be reached yet, waiting', {
          topic: this.options.topic.name,
          error: error.message,
        });
      },
    });
    await this.catchUp.done;
  }

  /** Reads no more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.endOutage();
    this.catchUp.giveUp();
    await leave(this.consumer);
  }

  private async begin(): Promise<void> {
    const watermarks = new Watermarks(this.client);
    try {
      this.catchUp = new CatchUp(await watermarks.of(this.topicName));
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [this.topicName], fromBeginning: true });
      await this.consumer.run({ autoCommit: false, eachBatch: (payload) => this.batch(payload) });
    } catch (error) {
      throw asInfrastructureError(`reading topic ${this.options.topic.name}`, error);
    } finally {
      await watermarks.close();
    }
  }

  private listen(): void {
    const { events } = this.consumer;
    this.consumer.on(events.GROUP_JOIN, this.joined);
    this.consumer.on(events.FETCH_START, this.tick);
    this.consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      this.catchUp.reached(payload.partition, Number(payload.lastOffset) + 1);
    });
    this.consumer.on(events.CRASH, this.crashed);
  }

  /** After lost connections kafkajs would begin at the first message again, and show an old state for a while. */
  private readonly joined = ({ payload }: ConsumerGroupJoinEvent): void => {
    this.tick();
    this.endOutage();
    if (this.stopping.signal.aborted) return void leave(this.consumer);
    for (const partition of payload.memberAssignment[this.topicName] ?? []) {
      const next = this.catchUp.next(partition);
      if (next !== undefined) this.consumer.seek({ topic: this.topicName, partition, offset: String(next) });
    }
  };

  private async batch(payload: EachBatchPayload): Promise<void> {
    for (const record of payload.batch.messages) this.record(payload.batch.partition, record);
    await payload.heartbeat();
  }

  private record(partition: number, record: KafkaRecord): void {
    const { name } = this.options.topic;
    const value = record.value === null ? null : readValue(this.validator, record.value);
    const where = { topic: name, partition, offset: record.offset };
    if (value instanceof Refused) {
      this.log('warn', 'record left out', { ...where, reason: value.reason });
      return;
    }
    try {
      this.onRecord(new ReadEnvelope(record, name, partition, value as Static<S> | null));
    } catch (error) {
      this.log('error', 'record left out: whoever follows the topic failed on it', { ...where, ...reasonOf(error) });
    }
  }

  private readonly crashed = ({ payload }: ConsumerCrashEvent): void => {
    this.tick();
    if (this.stopping.signal.aborted) return;
    const error = asInfrastructureError(`reading topic ${this.options.topic.name}`, payload.error);
    if (!payload.restart) {
      this.options.onFatal(error);
      return;
    }
    this.log('warn', 'lost Kafka, connecting again', { topic: this.options.topic.name, error: error.message });
    this.outage ??= setTimeout(() => {
      this.options.onFatal(error);
    }, this.options.patienceMs ?? 60_000);
  };

  private endOutage(): void {
    if (this.outage) clearTimeout(this.outage);
    this.outage = null;
  }

  private readonly tick = (): void => {
    this.tickedAt = Date.now();
  };
}
