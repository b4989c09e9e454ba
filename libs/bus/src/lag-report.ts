import type { Consumer } from 'kafkajs';
import type { OwnedPartition } from './assignment.js';
import type { Consumption } from './consumes.js';
import type { BusLog } from './kafka-settings.js';
import type { Watermarks } from './watermarks.js';

/** What the report needs. */
export interface LagReportParts {
  readonly consumer: Consumer;
  readonly consumption: Consumption;
  readonly prefix: string;
  readonly watermarks: Watermarks;
  readonly owned: () => readonly OwnedPartition[];
  readonly log: BusLog;
}

/** Well within BACKLOG_TOLERANCE_MS, which counts on these commits. */
const EVERY_MS = 2_000;

/**
 * Keeps lag visible while nothing moves: asks where the log ends, and lets Kafka's own commit follow the stored
 * position, for dashboards, autoscalers and whoever asks for a backlog. No position is read back from it.
 */
export class LagReport {
  private timer: NodeJS.Timeout | null = null;
  private reporting: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LagReportParts) {}

  start(): void {
    this.timer ??= setInterval(() => {
      this.reporting = this.reporting.then(() => this.report());
    }, EVERY_MS);
  }

  /** One last commit, while still in the group. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.reporting;
    await this.quietly(() => this.commit());
  }

  private async report(): Promise<void> {
    await this.quietly(() => this.commit());
    await this.quietly(() => this.lookAhead());
  }

  private async lookAhead(): Promise<void> {
    const topics = new Set(this.parts.owned().map(({ topic }) => topic));
    for (const topic of topics) {
      const watermarks = await this.parts.watermarks.of(this.parts.prefix + topic);
      for (const partition of this.parts.owned().filter((owned) => owned.topic === topic)) {
        partition.high = Math.max(partition.high, watermarks.get(partition.partition)?.high ?? 0);
        if (partition.lag > 0) partition.oldestAt ??= Date.now();
      }
    }
  }

  private async commit(): Promise<void> {
    if (this.parts.consumption.positions === 'committed') return;
    const moved = this.parts.owned().filter(({ stored, committed }) => stored !== committed);
    if (moved.length === 0) return;
    const told = moved.map((partition) => ({ partition, stored: partition.stored }));
    await this.parts.consumer.commitOffsets(
      told.map(({ partition, stored }) => ({
        topic: this.parts.prefix + partition.topic,
        partition: partition.partition,
        offset: String(stored),
      })),
    );
    for (const { partition, stored } of told) partition.committed = stored;
  }

  /** A dashboard's figure is worth no more than a line in the log. */
  private async quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.log('debug', 'lag could not be reported', {
        group: this.parts.consumption.group,
        error: String(error),
      });
    }
  }
}
