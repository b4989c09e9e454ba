import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { logger } from '@tidings/service';
import { customerTopic, SourceReader, type ReaderState } from './source-reader.js';
import { SourceIntake } from './source-intake.js';
import type { SourceCounts } from './source-tally.js';
import { SourceClocks, SourceKafka } from './source-surroundings.js';
import { Sources, type Source } from './sources.js';
import { TopicRules } from './topic-rules.js';

const log = logger('sources');

const lookEveryMs = 1_000;
/** How long a source that failed is left alone: somebody has to mend it, or a broker to come back. */
const retryAfterMs = 30_000;

interface Running {
  readonly reader: SourceReader;
  readonly key: string;
  failedAt: number | null;
}

const keyOf = ({ workspace, definition }: Source): string => `${workspace}:${definition.id}`;

/** Keeps a reader going for each source of a topic that is published, and for no other; what becomes of one is no matter of the others. */
@Injectable()
export class SourceRunner implements OnModuleInit, OnApplicationShutdown {
  private readonly running = new Map<string, Running>();
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly sources: Sources,
    private readonly intake: SourceIntake,
    private readonly kafka: SourceKafka,
    private readonly rules: TopicRules,
    private readonly clocks: SourceClocks,
  ) {}

  onModuleInit(): void {
    const { pollers, shutdown } = this.clocks;
    pollers.register('sources', lookEveryMs, () => this.reconcile());
    // At once, not when the application closes: batches in hand need the publisher, which ends before.
    shutdown.signal.addEventListener('abort', () => void this.stop());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
    await this.kafka.topics.close();
  }

  /** How the reading of a source goes on this replica. */
  stateOf(source: Source): ReaderState {
    const topic = customerTopic(source);
    const fault = topic && this.rules.faultOf(topic.topic);
    if (fault) return { state: 'failed', reason: fault };
    return this.running.get(keyOf(source))?.reader.status ?? { state: 'starting' };
  }

  /** What became of a source's records on this replica, whichever door they came through. */
  countsOf(source: Source): SourceCounts {
    return this.intake.counts(source);
  }

  /** Starts, stops and starts again what has to be. */
  async reconcile(): Promise<void> {
    if (this.stopping !== null) return;
    const wanted = new Map(this.sources.all().flatMap((source) => this.wantedKey(source)));
    const stale = [...this.running].filter(([id, { key }]) => wanted.get(id) !== key);
    await Promise.all(stale.map(([id]) => this.end(id)));
    for (const [id, { reader, failedAt }] of this.running) if (reader.status.state === 'failed') await this.again(id, failedAt);
    for (const [id, key] of wanted) if (!this.running.has(id)) this.begin(id, key);
  }

  private wantedKey(source: Source): (readonly [string, string])[] {
    const topic = customerTopic(source);
    return topic === null || this.rules.faultOf(topic.topic) !== null ? [] : [[keyOf(source), topic.topic] as const];
  }

  private begin(id: string, key: string): void {
    const [workspace, name] = id.split(':') as [string, string];
    const current = () => this.sources.find(workspace, name);
    const source = current();
    const topic = source && customerTopic(source);
    if (!topic) return;
    const { topics, publisher } = this.kafka;
    const reader = new SourceReader(topic, { topics, publisher, intake: this.intake, current });
    this.running.set(id, { reader, key, failedAt: null });
    log.info({ source: id, topic: topic.topic }, 'reading a source');
    void reader.start();
  }

  private async again(id: string, failedAt: number | null): Promise<void> {
    const running = this.running.get(id);
    if (running === undefined) return;
    const { status } = running.reader;
    if (failedAt === null) {
      running.failedAt = Date.now();
      log.error({ source: id, reason: status.state === 'failed' ? status.reason : '' }, 'a source cannot be read; trying again later');
    } else if (Date.now() - failedAt >= retryAfterMs) await this.end(id);
  }

  private async end(id: string): Promise<void> {
    const running = this.running.get(id);
    this.running.delete(id);
    await running?.reader.stop();
  }

  private async stop(): Promise<void> {
    this.stopping ??= Promise.all([...this.running.keys()].map((id) => this.end(id))).then(() => undefined);
    await this.stopping;
  }
}
