import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { Assignment, type OwnedPartition } from './assignment.js';
import type { BatchWorker } from './batch-worker.js';
import type { Consumption } from './consumes.js';
import { fetchSettings } from './fetch-settings.js';
import { asInfrastructureError, clientRetry } from './kafka-client.js';
import type { BusLog } from './kafka-settings.js';
import { leave } from './leave.js';
import { LagReport } from './lag-report.js';
import { loadAssignment } from './load-assignment.js';
import { paced } from './paced.js';
import { PartitionWork } from './partition-work.js';
import { PieceJoiner } from './piece-joiner.js';
import type { Positions } from './positions.js';
import { Pulse } from './pulse.js';
import { retrying } from './retrying.js';
import type { Watermarks } from './watermarks.js';

/** What one consumer is made of. */
export interface GroupConsumerParts {
  readonly kafka: Kafka;
  readonly prefix: string;
  readonly groupId: string;
  readonly consumption: Consumption;
  readonly positionsFor: (consumer: Consumer) => Positions;
  readonly workerFor: (positions: Positions) => BatchWorker;
  readonly watermarks: Watermarks;
  readonly log: BusLog;
  readonly onFatal: (error: Error) => void;
  readonly onRebalance: () => void;
  readonly patienceMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

/**
 * One kafkajs consumer for one handler: joins the group, begins at the kept positions, hands what it fetches to the
 * worker, gives partitions up when asked to, and leaves when stopped. What it cannot go on from ends in `onFatal`, once.
 */
export class GroupConsumer {
  private readonly consumer: Consumer;
  private readonly positions: Positions;
  private readonly work: PartitionWork;
  private readonly lag: LagReport;
  private readonly pulse: Pulse;
  private readonly inHand = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private assignment = new Assignment(new Map());
  private outage: NodeJS.Timeout | null = null;
  private failed = false;
  /** What a heartbeat was told when the group had given this member up; null while it is a member. */
  private expelled: Error | null = null;
  private tickedAt: number | null = null;

  constructor(private readonly parts: GroupConsumerParts) {
    const { kafka, groupId, consumption, patienceMs, log } = parts;
    this.consumer = kafka.consumer({
      groupId,
      sessionTimeout: parts.sessionTimeoutMs,
      heartbeatInterval: 1_000,
      rebalanceTimeout: parts.rebalanceTimeoutMs,
      ...fetchSettings(consumption),
      allowAutoTopicCreation: false,
      retry: { ...clientRetry, restartOnFailure: async () => !this.stopping.signal.aborted },
    });
    this.positions = parts.positionsFor(this.consumer);
    this.work = new PartitionWork({
      consumer: consumption.group,
      maxBatch: consumption.maxBatch,
      joiner: new PieceJoiner({ ...consumption, worker: parts.workerFor(this.positions) }),
      positions: this.positions,
      seek: this.seek,
      log,
      patienceMs,
    });
    this.pulse = new Pulse(this.tick, this.expelledBy);
    this.lag = new LagReport({ ...parts, consumer: this.consumer, owned: () => this.partitions() });
    this.listen();
  }

  get consumption(): Consumption {
    return this.parts.consumption;
  }

  /** Whether it has joined its group and knows where each of its partitions goes on. */
  get ready(): boolean {
    return this.assignment.loaded && !this.failed;
  }

  /** When it last showed that it is going round: fetched, beat, or tried to. */
  get lastTickAt(): Date | null {
    return this.tickedAt === null ? null : new Date(this.tickedAt);
  }

  partitions(): readonly OwnedPartition[] {
    return this.assignment.partitions();
  }

  /** Resolves when it has joined the group; waits for a broker that is away, and says so. */
  async start(): Promise<void> {
    const { log, patienceMs, groupId } = this.parts;
    await retrying(() => this.join(), {
      patienceMs,
      maxWaitMs: 2_000,
      signal: this.stopping.signal,
      onRetry: (error) => {
        this.tick();
        log('warn', 'Kafka cannot be reached yet, waiting', { group: groupId, error: error.message });
      },
    });
    this.lag.start();
  }

  /** Fetches no more, lets the batches in hand finish, tells Kafka how far they came, and leaves the group. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.endOutage();
    this.hold();
    await Promise.allSettled(this.inHand);
    await this.lag.stop();
    await leave(this.consumer);
  }

  private async join(): Promise<void> {
    const { prefix, consumption, groupId } = this.parts;
    try {
      await this.consumer.connect();
      // From the beginning: an offset that is gone must show as a gap, never as a silent jump to the end.
      await this.consumer.subscribe({
        topics: consumption.topics.map(({ name }) => prefix + name),
        fromBeginning: true,
      });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // More than any replica has: the joiner says how many batches become of what a fetch brought.
        partitionsConsumedConcurrently: 64,
        eachBatch: (payload) => this.eachBatch(payload),
      });
    } catch (error) {
      throw asInfrastructureError(`joining group ${groupId}`, error);
    }
  }

  private listen(): void {
    const { events } = this.consumer;
    this.consumer.on(events.GROUP_JOIN, this.joined);
    this.consumer.on(events.REBALANCING, this.lost);
    // Heard the moment kafkajs can no longer be asked to seek or pause, well before it tells of a crash.
    this.consumer.on(events.STOP, this.lost);
    this.consumer.on(events.CRASH, this.crashed);
    this.consumer.on(events.FETCH_START, this.tick);
    // Batches of nothing but control or compacted records never reach eachBatch, and still move the fetch on.
    this.consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const partition = this.find(payload.topic, payload.partition);
      if (payload.batchSize === 0 && partition) partition.expected = Number(payload.lastOffset) + 1;
    });
  }

  /** Called before the first fetch of a generation: what is paused here stays so until its positions are loaded. */
  private readonly joined = ({ payload }: ConsumerGroupJoinEvent): void => {
    this.tick();
    this.endOutage();
    this.expelled = null;
    if (this.stopping.signal.aborted) return void leave(this.consumer);
    this.parts.onRebalance();
    this.assignment.end();
    const topics = Object.entries(payload.memberAssignment).map(
      ([topic, partitions]) => [this.unprefixed(topic), partitions] as const,
    );
    const assignment = new Assignment(new Map(topics));
    this.assignment = assignment;
    this.consumer.pause(this.fetchedOf(assignment));
    if (this.failed) assignment.end();
    else void this.load(assignment);
  };

  private async load(assignment: Assignment): Promise<void> {
    const { consumption, log, patienceMs, groupId } = this.parts;
    const onRetry = (error: Error) => {
      log('warn', 'loading positions failed, trying again', { group: groupId, error: error.message });
    };
    try {
      const patience = { patienceMs, onRetry };
      await loadAssignment(assignment, {
        ...this.parts,
        consumer: consumption.group,
        positions: this.positions,
        patience,
      });
      if (assignment.signal.aborted) return;
      for (const partition of assignment.partitions()) this.seek(partition);
      assignment.loaded = true;
      this.consumer.resume(this.fetchedOf(assignment));
      log('info', 'partitions assigned', { group: groupId, partitions: Object.fromEntries(assignment.topics) });
    } catch (error) {
      if (!assignment.signal.aborted) this.fail(error);
    }
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { assignment } = this;
    const partition = this.find(payload.batch.topic, payload.batch.partition);
    // What is still queued of a generation that ends is left to its next owner.
    this.throwExpelled();
    if (!partition || assignment.signal.aborted || !payload.isRunning() || payload.isStale()) return;
    const work = this.pulse
      .during(
        () => payload.heartbeat(),
        () => this.work.through(payload, partition, assignment),
      )
      .catch((error: unknown) => {
        this.fail(error);
      });
    this.inHand.add(work);
    const { maxBatch, paceMs } = this.parts.consumption;
    await paced(work, { records: payload.batch.messages.length, maxBatch, paceMs, signal: assignment.signal });
    this.inHand.delete(work);
    this.throwExpelled();
  }

  private throwExpelled(): void {
    const { expelled } = this;
    if (expelled !== null) throw expelled;
  }

  /**
   * A heartbeat of ours was told that the group goes on without this member. kafkajs joins again when it hears so itself,
   * and it may never: a coordinator that was only loading knows us again at the next beat, when we have let go already.
   * So it is thrown where kafkajs looks.
   */
  private readonly expelledBy = (error: unknown): void => {
    this.expelled = error instanceof Error ? error : new Error(String(error));
    this.lost();
  };

  private readonly lost = (): void => {
    this.assignment.end();
  };

  /** kafkajs restarts itself as a new member where that can help; beyond our patience, or where it cannot, the process ends. */
  private readonly crashed = ({ payload }: ConsumerCrashEvent): void => {
    const { log, patienceMs, groupId } = this.parts;
    this.tick();
    this.lost();
    const error = asInfrastructureError(`consumer of ${groupId}`, payload.error);
    if (!payload.restart) return this.fail(error);
    log('warn', 'lost Kafka, connecting again', { group: groupId, error: error.message });
    this.outage ??= setTimeout(() => {
      this.fail(error);
    }, patienceMs);
  };

  private endOutage(): void {
    if (this.outage) clearTimeout(this.outage);
    this.outage = null;
  }

  /** The process cannot go on with this consumer: it holds still, and whoever runs the process is told. */
  private fail(error: unknown): void {
    if (this.failed || this.stopping.signal.aborted) return;
    this.failed = true;
    this.hold();
    this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  /** Fetches no more. kafkajs throws when asked that between a crash and its restart: then it fetches nothing anyway, and `joined` pauses. */
  private hold(): void {
    this.assignment.end();
    try {
      this.consumer.pause(this.fetchedOf(this.assignment));
    } catch {
      this.parts.log('debug', 'nothing to pause', { group: this.parts.groupId });
    }
  }

  private readonly seek = ({ topic, partition, expected }: OwnedPartition): void => {
    this.consumer.seek({ topic: this.parts.prefix + topic, partition, offset: String(expected) });
  };

  private find(topic: string, partition: number): OwnedPartition | undefined {
    return this.assignment.find(this.unprefixed(topic), partition);
  }

  private fetchedOf(assignment: Assignment): { topic: string; partitions: number[] }[] {
    return [...assignment.topics].map(([topic, partitions]) => ({
      topic: this.parts.prefix + topic,
      partitions: [...partitions],
    }));
  }

  private unprefixed(topic: string): string {
    return topic.slice(this.parts.prefix.length);
  }

  private readonly tick = (): void => {
    this.tickedAt = Date.now();
  };
}
