import type { Admin, Kafka } from 'kafkajs';
import { asInfrastructureError } from './kafka-client.js';

/** Where a partition's log begins and ends: the first offset still there, and the next one to be written. */
export interface Watermark {
  readonly low: number;
  readonly high: number;
}

/** Asks the brokers where logs begin and end; one connection for a whole process. */
export class Watermarks {
  private admin: Promise<Admin> | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** By partition; `topic` with its prefix. */
  async of(topic: string): Promise<ReadonlyMap<number, Watermark>> {
    try {
      const admin = await (this.admin ??= this.connected());
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
    } catch (error) {
      await this.close();
      throw asInfrastructureError(`asking for the offsets of ${topic}`, error);
    }
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    await admin?.then((connected) => connected.disconnect()).catch(() => {});
  }

  private async connected(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    return admin;
  }
}
