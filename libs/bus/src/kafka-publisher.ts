import { kafkaClient } from './kafka-client.js';
import { silent, type BusLog, type KafkaSettings } from './kafka-settings.js';
import { Publisher, type Outgoing } from './publisher.js';
import { publisherMetrics } from './publisher-metrics.js';
import { SendQueue } from './send-queue.js';
import { openKafkaSender, type SendRecord } from './sender.js';
import { activeTraceparent } from './trace-context.js';

/** What a Kafka publisher needs; the numbers have defaults that suit a service. */
export interface KafkaPublisherOptions {
  readonly kafka: KafkaSettings;
  readonly log?: BusLog;
  /** How long `publish` waits for the broker's word before it rejects; 30 s. */
  readonly deadlineMs?: number;
  /** How many bytes may wait for the broker before `publish` rejects at once; 32 MiB. */
  readonly maxQueuedBytes?: number;
}

/** Publishes through one idempotent producer with one send in flight; small publishes are joined. */
export class KafkaPublisher extends Publisher {
  private readonly queue: SendQueue;
  private readonly prefix: string;
  private readonly metrics = publisherMetrics();

  constructor({ kafka, log = silent, deadlineMs = 30_000, maxQueuedBytes = 32 * 1024 * 1024 }: KafkaPublisherOptions) {
    super();
    this.prefix = kafka.topicPrefix;
    const client = kafkaClient(kafka, log);
    this.queue = new SendQueue(() => openKafkaSender(client), { deadlineMs, maxQueuedBytes, log });
  }

  /** Whether the broker answered when it was last spoken to. */
  get connected(): boolean {
    return this.queue.reachable;
  }

  /** Connects before the first publish; rejects when no broker answers. */
  async connect(): Promise<void> {
    await this.queue.connect();
  }

  override async publish(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    const startedAt = performance.now();
    const active = activeTraceparent();
    await this.queue.publish(messages.map((message) => this.record(message, active)));
    this.metrics.published(messages, (performance.now() - startedAt) / 1000);
  }

  /** Sends what was accepted and disconnects; later publishes reject. */
  async close(): Promise<void> {
    await this.queue.close();
  }

  private record(message: Outgoing, active: string | null): SendRecord & { readonly bytes: number } {
    const { key, value, headers } = message;
    const traceparent = message.traceparent ?? active;
    return {
      topic: this.prefix + message.topic,
      key,
      value,
      headers: traceparent === null ? headers : { ...headers, traceparent },
      bytes: sizeOf(key) + sizeOf(value) + sizeOfHeaders(headers) + OVERHEAD,
    };
  }
}

/** What Kafka adds to a record at most, the traceparent included. */
const OVERHEAD = 120;

const sizeOf = (data: string | Buffer | null): number => (data === null ? 0 : Buffer.byteLength(data));

function sizeOfHeaders(headers: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const name in headers) size += name.length + sizeOf(headers[name] ?? null) + 4;
  return size;
}
