import type { Admin, Kafka } from 'kafkajs';
import { Backlog, behindOf, type BehindPartition, type Hop } from './backlog.js';
import { HeardUntil } from './heard-until.js';
import { kafkaGroupId } from './kafka-batch-strategy.js';
import { asInfrastructureError, kafkaClient } from './kafka-client.js';
import type { BusLog, KafkaSettings } from './kafka-settings.js';

/** Asks Kafka: where the topics end, and how far their consumers have committed. */
export class KafkaBacklog extends Backlog {
  private readonly client: Kafka;
  private readonly prefix: string;
  private readonly hops: readonly (Hop & { readonly heard: HeardUntil })[];
  private admin: Promise<Admin> | null = null;

  constructor(kafka: KafkaSettings, hops: readonly Hop[], log: BusLog) {
    super();
    this.client = kafkaClient(kafka, log);
    this.prefix = kafka.topicPrefix;
    this.hops = hops.map((hop) => ({ ...hop, heard: new HeardUntil() }));
  }

  async look(): Promise<void> {
    const at = Date.now();
    try {
      const admin = await (this.admin ??= this.connected());
      await Promise.all(this.hops.map(async (hop) => hop.heard.look(at, await this.looks(admin, hop))));
    } catch (error) {
      await this.close();
      throw asInfrastructureError('looking for a backlog', error);
    }
  }

  behind(now: Date): readonly BehindPartition[] | null {
    const hops = this.hops.map(({ keyed, heard }) => ({ keyed, until: heard.all() }));
    return behindOf(hops, now.getTime());
  }

  async close(): Promise<void> {
    const { admin } = this;
    this.admin = null;
    await admin?.then((connected) => connected.disconnect()).catch(() => {});
  }

  private async looks(admin: Admin, { group, topic }: Hop) {
    const name = this.prefix + topic;
    const groupId = kafkaGroupId(this.prefix, { group, topics: [{ name: topic }] });
    // The ends first: a commit may then only be newer, and the answer older than the truth.
    const ends = await admin.fetchTopicOffsets(name);
    const [answer] = await admin.fetchOffsets({ groupId, topics: [name] });
    const committed = new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.map(({ partition, low, high }) => {
      const offset = committed.get(partition) ?? -1;
      return { partition, low: Number(low), high: Number(high), committed: offset < 0 ? null : offset };
    });
  }

  private async connected(): Promise<Admin> {
    const admin = this.client.admin();
    await admin.connect();
    return admin;
  }
}
