import { randomUUID } from 'node:crypto';
// Mends a timer of the client that never ends: the bare arms shall have that too, and nothing else of ours.
import '@tidings/bus/spin-fix';
import kafkajs from 'kafkajs';
import type { Kafka } from 'kafkajs';
import { given } from '../measure/settings.js';

const { Kafka: KafkaClient, logLevel, Partitioners } = kafkajs;

/** The partitions of every topic that is measured. */
export const PARTITIONS = 6;

/** The bare client, as the arms that are compared with use it. */
export const bareKafka = (clientId = 'bench'): Kafka =>
  new KafkaClient({ clientId, brokers: brokers(), logLevel: logLevel.ERROR });

/** The addresses of the broker that is measured. */
export const brokers = (): string[] => given('TEST_KAFKA_BROKERS').split(',');

/** What topics and groups of this run begin with. */
export const newPrefix = (): string => `bench-${randomUUID().slice(0, 8)}.`;

/** Makes a topic with the partitions that all arms have. */
export async function makeTopic(topic: string): Promise<void> {
  const admin = bareKafka().admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }],
    waitForLeaders: true,
  });
  await admin.disconnect();
}

/** A record as a generator writes it. */
export interface PlainRecord {
  readonly key: string;
  readonly value: string;
}

/** Writes records as fast as the client does, each acknowledged (acks=all), to the partitions that Java's partitioner would choose. */
export class Generator {
  private readonly producer = bareKafka('generator').producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });

  connect(): Promise<void> {
    return this.producer.connect();
  }

  disconnect(): Promise<void> {
    return this.producer.disconnect();
  }

  /** Writes some records in one send. */
  async send(topic: string, records: readonly PlainRecord[]): Promise<void> {
    await this.producer.send({ topic, acks: -1, messages: [...records] });
  }

  /** Writes many, a thousand per send, a few sends at a time. */
  async sendAll(topic: string, records: readonly PlainRecord[]): Promise<void> {
    // One send at a time keeps each profile in order; a thousand records outweigh the round trip.
    for (let at = 0; at < records.length; at += 1000) await this.send(topic, records.slice(at, at + 1000));
  }
}

type Offsets = ReadonlyMap<number, number>;

/** Where each partition ends now. */
export async function endsOf(topic: string): Promise<Offsets> {
  const admin = bareKafka().admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
}

/** Reads what was written between two ends, in no order across partitions. */
export async function readBetween(
  topic: string,
  from: Offsets,
  to: Offsets,
  take: (value: Buffer, key: Buffer | null) => void,
): Promise<void> {
  const open = new Set([...to].flatMap(([partition, end]) => (end > (from.get(partition) ?? 0) ? [partition] : [])));
  if (open.size === 0) return;
  const consumer = bareKafka('counter').consumer({
    groupId: `bench-count-${randomUUID()}`,
    allowAutoTopicCreation: false,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({
      batch,
    }: {
      batch: { partition: number; messages: { offset: string; value: Buffer | null; key: Buffer | null }[] };
    }): Promise<void> => {
      for (const { offset, value, key } of batch.messages) {
        const at = Number(offset);
        if (value !== null && at >= (from.get(batch.partition) ?? 0) && at < (to.get(batch.partition) ?? 0))
          take(value, key);
        if (at + 1 >= (to.get(batch.partition) ?? 0)) open.delete(batch.partition);
      }
      if (open.size === 0) resolve();
    };
    consumer.run({ eachBatch, autoCommit: false }).catch(reject);
    for (const [partition, offset] of from) consumer.seek({ topic, partition, offset: String(offset) });
  });
  await consumer.disconnect();
}

/** The distinct ids of events that were written since `from`, and how many records there were; the topic is empty afterwards. */
export async function writtenSince(topic: string, from: Offsets): Promise<{ readonly ids: number; readonly records: number }> {
  const ids = new Set<string>();
  let records = 0;
  await readBetween(topic, from, await endsOf(topic), (value) => {
    records += 1;
    ids.add(/"messageId":"([^"]+)"/.exec(value.toString('latin1'))?.[1] ?? '');
  });
  await empty(topic);
  return { ids: ids.size, records };
}

/** Throws away what lies in a topic: seven rounds of it would fill the page cache. */
export async function empty(topic: string): Promise<void> {
  const admin = bareKafka().admin();
  await admin.connect();
  const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high }));
  await admin.deleteTopicRecords({ topic, partitions });
  await admin.disconnect();
}
