import { deadLetters, inbound, type Topic } from '@tidings/contracts';
import type { Admin, IResourceConfigEntry, ITopicConfig } from 'kafkajs';
import { asInfrastructureError, kafkaClient, protocolError } from './kafka-client.js';
import { silent, type BusLog, type KafkaSettings } from './kafka-settings.js';

/** How topics that are missing are created. */
export interface TopicShape {
  /** Of topics that forget by age. A compacted topic has one partition: its readers take it in the order of its changes. */
  readonly partitions: number;
  readonly replicationFactor: number;
}

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;

/** Creates the topics that are missing and leaves those that exist as they are. */
export class TopicAdmin {
  private readonly log: BusLog;

  constructor(private readonly options: { readonly kafka: KafkaSettings; readonly log?: BusLog }) {
    this.log = options.log ?? silent;
  }

  /** Resolves with the names that were created; several processes may do this at once. */
  async ensure(topics: readonly Topic[], shape: TopicShape): Promise<readonly string[]> {
    const admin = kafkaClient(this.options.kafka, this.log).admin();
    try {
      await admin.connect();
      return await this.createMissing(admin, topics, shape);
    } catch (error) {
      throw asInfrastructureError('creating topics', error);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  private async createMissing(admin: Admin, topics: readonly Topic[], shape: TopicShape): Promise<readonly string[]> {
    const existing = new Set(await admin.listTopics());
    const missing = topics
      .map((topic) => topicConfig(topic, shape, this.options.kafka.topicPrefix))
      .filter(({ topic }) => !existing.has(topic));
    const created: string[] = [];
    // One by one: kafkajs cannot tell which of several topics somebody else created a moment ago.
    for (const config of missing) {
      if (await create(admin, config)) created.push(config.topic);
    }
    if (created.length > 0) this.log('info', 'created topics', { topics: created });
    return created;
  }
}

async function create(admin: Admin, config: ITopicConfig): Promise<boolean> {
  try {
    return await admin.createTopics({ topics: [config], waitForLeaders: true });
  } catch (error) {
    if (isAlreadyThere(error)) return false;
    throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors))
    return error.errors.every(isAlreadyThere);
  return protocolError(error) === 'TOPIC_ALREADY_EXISTS';
}

/** How a topic is created. */
export function topicConfig(topic: Topic, shape: TopicShape, prefix: string): ITopicConfig {
  const compact = topic.cleanup === 'compact';
  return {
    topic: prefix + topic.name,
    numPartitions: compact ? 1 : shape.partitions,
    replicationFactor: shape.replicationFactor,
    configEntries: entries({
      'cleanup.policy': topic.cleanup,
      // A dead letter is the original message and its reason: what fitted must fit with its headers.
      'max.message.bytes': topic.name === deadLetters.name ? 2 * MIB : MIB,
      'min.insync.replicas': shape.replicationFactor >= 3 ? 2 : 1,
      ...(compact
        ? { 'delete.retention.ms': 7 * DAY_MS, 'max.compaction.lag.ms': 7 * DAY_MS }
        : // A segment goes as a whole, when its last record is old enough: with one a day, the first is never a day too old.
          { 'retention.ms': Math.max(1, topic.retentionDays - 1) * DAY_MS, 'segment.ms': DAY_MS }),
      // Anybody's producer writes here: the broker unpacks lz4 and snappy, which kafkajs cannot.
      ...(topic.name === inbound.name ? { 'compression.type': 'uncompressed' } : {}),
    }),
  };
}

const entries = (config: Readonly<Record<string, string | number>>): IResourceConfigEntry[] =>
  Object.entries(config).map(([name, value]) => ({ name, value: String(value) }));
