import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;

/** A record as any other program would write or read it. */
export interface PeerRecord {
  readonly key?: string | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Kafka client that knows nothing of Tidings: what a customer's own producer and an analyst's consumer are. */
export class KafkaPeer {
  private readonly kafka;

  constructor(
    brokers: string,
    private readonly prefix: string,
  ) {
    this.kafka = new Kafka({ clientId: 'peer', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  }

  /** Writes records to a topic, each acknowledged by the broker. */
  async write(topic: string, records: readonly PeerRecord[]): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    const messages = records.map(({ key = null, value, headers }) => ({ key, value, ...(headers ? { headers: { ...headers } } : {}) }));
    await producer.send({ topic: this.prefix + topic, acks: -1, messages });
    await producer.disconnect();
  }

  /** How a topic is configured, by the names that Kafka has for it. */
  async configOf(topic: string): Promise<ReadonlyMap<string, string>> {
    const admin = this.kafka.admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: this.prefix + topic }] });
    await admin.disconnect();
    return new Map(resources.flatMap(({ configEntries }) => configEntries.map(({ configName, configValue }) => [configName, configValue] as const)));
  }

  /** The topics of the installation, without its prefix. */
  async topics(): Promise<readonly string[]> {
    const admin = this.kafka.admin();
    await admin.connect();
    const names = await admin.listTopics().finally(() => admin.disconnect());
    return names.flatMap((name) => (name.startsWith(this.prefix) ? [name.slice(this.prefix.length)] : [])).toSorted();
  }

  /** Makes a topic of the customer's own. */
  async makeTopic(topic: string, numPartitions: number): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: this.prefix + topic, numPartitions }] }).finally(() => admin.disconnect());
  }

  /** Everything that is on a topic now, in the order of each partition. */
  async readAll(topic: string): Promise<{ key: string; value: string; headers: Record<string, string> }[]> {
    const admin = this.kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(this.prefix + topic);
    await admin.disconnect();
    const missing = new Map(ends.map(({ partition, high, low }) => [partition, Number(high) > Number(low) ? Number(high) : 0]));
    const records: { key: string; value: string; headers: Record<string, string> }[] = [];
    if ([...missing.values()].every((high) => high === 0)) return records;
    const consumer = this.kafka.consumer({ groupId: `peer-${Date.now()}-${Math.random()}` });
    await consumer.connect();
    await consumer.subscribe({ topic: this.prefix + topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            const headers = Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]);
            records.push({ key: String(message.key), value: String(message.value), headers: Object.fromEntries(headers) as Record<string, string> });
            if (Number(message.offset) + 1 >= (missing.get(partition) ?? 0)) missing.set(partition, 0);
            if ([...missing.values()].every((high) => high === 0)) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return records;
  }
}
