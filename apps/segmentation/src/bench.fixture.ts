import { afterAll, beforeAll } from '@jest/globals';
import { batchOf, InfrastructureError, Publisher, type Outgoing } from '@tidings/bus';
import {
  deliveryEvents,
  events,
  profileActivity,
  type AcceptedEvent,
  type ComputedTraitDefinition,
  type Condition,
  type DefinitionRecord,
  type DeliveryEvent,
  type ProfileActivity,
} from '@tidings/contracts';
import { PostgresPositions, type Database } from '@tidings/postgres';
import { Catalog, ErasedIds, Pollers } from '@tidings/service';
import { anEvent, GivenBacklog, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { BackfillPoller } from './backfill.poller.js';
import { BackfillStore } from './backfill.store.js';
import { ClockPoller } from './clock.poller.js';
import { ErasingStore } from './erasing.store.js';
import { EventsHandler } from './events.handler.js';
import { Follower } from './follower.js';
import { GroupNewsPoller } from './group-news.poller.js';
import { GroupNewsStore } from './group-news.store.js';
import { ProfileStore } from './profile.store.js';
import { SentHandler } from './sent.handler.js';
import { SentStore } from './sent.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { segmentationSchema } from './segmentation.schema.js';
import { StretchStore } from './stretch.store.js';
import { Traffic } from './traffic.js';

/** Lengths of time in ms. */
export const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

/** How many partitions of events there are. */
const partitions = 4;

/** A Monday noon. */
const start = Date.parse('2026-03-02T12:00:00.000Z');
const instant = (afterMs: number): string => new Date(start + afterMs).toISOString();

/** Lets the broker have everything, and dies before anybody hears of it. */
class DyingPublisher extends Publisher {
  constructor(private readonly broker: Publisher) {
    super();
  }

  override async publish(messages: readonly Outgoing[]): Promise<void> {
    await this.broker.publish(messages);
    throw new InfrastructureError('killed after publishing');
  }
}

/** A segment as the definitions topic carries it, published so many milliseconds after the start. */
export const segmentOf = (id: string, where: Condition, afterMs = -DAY, status: 'published' | 'archived' = 'published'): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'segment', id, version: 1, status, publishedAt: instant(afterMs), body: { id, where },
}); // prettier-ignore

/** A computed trait as the definitions topic carries it, published so many milliseconds after the start. */
export const traitOf = (body: ComputedTraitDefinition, afterMs = -DAY, version = 1): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'computed-trait', id: body.id, version, status: 'published', publishedAt: instant(afterMs), body,
}); // prettier-ignore

/** A workspace. */
export const workspaceOf = (id: string): DefinitionRecord => ({
  v: 1, workspace: id, kind: 'workspace', id, version: 1, status: 'published', publishedAt: instant(-DAY), body: { id, consentModel: 'opt-out' },
}); // prettier-ignore

/** The moment so many milliseconds after the start. */
export const at = (afterMs: number): Date => new Date(start + afterMs);

let made = 0;
/** Something Ann did so many milliseconds after the start, with a message id that no other has. */
export function did(name: string, afterMs = 0, change: Partial<AcceptedEvent> = {}): AcceptedEvent {
  made += 1;
  const time = instant(afterMs);
  const ann = { profileId: 'ann', userId: 'ann', messageId: `message-${made}`, name, timestamp: time, receivedAt: time };
  return anEvent({ ...ann, ...change });
}

/** Something Ann's app said about her. */
export const identified = (
  traits: AcceptedEvent['traits'],
  afterMs = 0,
  change: Partial<AcceptedEvent> = {},
): AcceptedEvent => did('identify', afterMs, { type: 'identify', traits, ...change });

/** What a dispatcher did with a message to Ann so many milliseconds after the start: sent it, when nothing else is said. */
export const delivered = (messageId: string, afterMs = 0, change: Partial<DeliveryEvent> = {}): DeliveryEvent => ({
  v: 1, workspace: 'demo', profileId: 'ann', messageId, endpoint: 'phone', endpoints: 1, channel: 'email', lane: 'triggered',
  journey: { id: 'welcome', version: 1, runId: 'run', step: 'hello' }, provider: 'sandbox', attempt: 1, kind: 'sent', reason: 'accepted',
  providerMessageId: null, dueAt: instant(afterMs), at: instant(afterMs), ...change,
}); // prettier-ignore

/** A segmentation with a database of its own, whose clock only the test moves. */
export class Bench {
  catalog = Catalog.of([]);
  private readonly next = Array.from({ length: partitions }, () => 0);
  private nextSent = 0;

  readonly broker = recordingPublisher();
  readonly backlog = new GivenBacklog();
  private database: TestDatabase | null = null;

  /** Its database, while it is open. */
  get db(): TestDatabase {
    if (this.database === null) throw new Error('the bench is not open');
    return this.database;
  }

  async open(): Promise<void> {
    this.database = await testDatabase([segmentationSchema]);
  }

  async close(): Promise<void> {
    await this.db.drop();
  }

  /** Begins anew, with these segments. */
  async reset(...definitions: readonly DefinitionRecord[]): Promise<void> {
    this.next.fill(0);
    this.nextSent = 0;
    this.backlog.partitions = [];
    this.broker.clear();
    await this.db.rows(
      'truncate segmentation.profile, segmentation.profile_address, segmentation.segment_member, segmentation.event_history, segmentation.backfill, segmentation.revision, segmentation.erased, segmentation.kafka_position, segmentation.profile_group, segmentation.group_member, segmentation.group_news, segmentation.merge_intent',
    );
    const positions = new PostgresPositions(this.db.database);
    await positions.begin('segmentation', 'segmentation', deliveryEvents.name, 0, 0);
    for (const partition of this.next.keys()) await positions.begin('segmentation', 'segmentation', events.name, partition, 0);
    this.catalog = Catalog.of([workspaceOf('demo'), workspaceOf('other'), ...definitions]);
  }

  /** A replica of the service, which knows the definitions of `catalog`. */
  replica(publisher: Publisher = this.broker, catalog: Catalog = this.catalog, database: Database = this.db.database) {
    const segments = new SegmentCatalog(catalog);
    const follower = new Follower(segments);
    const traffic = new Traffic();
    const erased = new ErasedIds('segmentation', 'a-master-key-of-at-least-32-characters');
    const store = new ProfileStore(database, publisher, erased, new ErasingStore(erased, publisher));
    const stretches = new StretchStore(database, store, traffic);
    return {
      follower,
      stretches,
      handler: new EventsHandler(follower, store, traffic),
      sent: new SentHandler(follower, new SentStore(database, store, erased)),
      clock: new ClockPoller(new Pollers(), follower, store, this.backlog),
      backfill: new BackfillPoller(new Pollers(), segments, follower, new BackfillStore(database, stretches), this.backlog),
      groups: new GroupNewsPoller(new Pollers(), segments, new GroupNewsStore(database)),
    };
  }

  /** One batch of events, by a replica of its own. */
  hear(...batch: readonly AcceptedEvent[]): Promise<void> {
    return this.hearOn(0, ...batch);
  }

  /** The same of another partition than the first. */
  async hearOn(partition: number, ...batch: readonly AcceptedEvent[]): Promise<void> {
    await this.replica().handler.handle(this.batch(batch, partition));
    this.skip(batch.length, partition);
  }

  /** So many events of the partition were heard. */
  skip(count: number, partition = 0): void {
    this.next[partition] = this.from(partition) + count;
  }

  /** One batch of what dispatchers did, by a replica of its own. */
  async hearSent(...batch: readonly DeliveryEvent[]): Promise<void> {
    await this.replica().sent.handle(this.sentBatch(batch));
    this.nextSent += batch.length;
  }

  /** A process that publishes what the next batch of those makes of its profiles, and dies. */
  async hearSentAndDie(...batch: readonly DeliveryEvent[]): Promise<void> {
    const { sent } = this.replica(new DyingPublisher(this.broker));
    await sent.handle(this.sentBatch(batch)).catch((error: unknown) => {
      if (!(error instanceof InfrastructureError)) throw error;
    });
  }

  /** The next batch of what dispatchers did. */
  sentBatch(batch: readonly DeliveryEvent[]) {
    const position = { schema: 'segmentation', consumer: 'segmentation', from: this.nextSent };
    return batchOf(deliveryEvents, batch, { position });
  }

  /** A process that publishes what the next batch makes of its profiles, and dies. */
  hearAndDie(...batch: readonly AcceptedEvent[]): Promise<void> {
    return this.hearOnAndDie(0, ...batch);
  }

  /** The same of another partition than the first. */
  async hearOnAndDie(partition: number, ...batch: readonly AcceptedEvent[]): Promise<void> {
    const { handler } = this.replica(new DyingPublisher(this.broker));
    await handler.handle(this.batch(batch, partition)).catch((error: unknown) => {
      if (!(error instanceof InfrastructureError)) throw error;
    });
  }

  /** A round of the clock that ends like that. */
  async passAndDie(afterMs: number): Promise<void> {
    await this.replica(new DyingPublisher(this.broker))
      .clock.round(at(afterMs))
      .catch((error: unknown) => {
        if (!(error instanceof InfrastructureError)) throw error;
      });
  }

  /** A step of a backfill that ends like that. */
  async backfillAndDie(afterMs: number, profiles: number): Promise<void> {
    await this.replica(new DyingPublisher(this.broker))
      .backfill.round(at(afterMs), profiles)
      .catch((error: unknown) => {
        if (!(error instanceof InfrastructureError)) throw error;
      });
  }

  /** A round of the clock. */
  pass(afterMs: number): Promise<boolean> {
    return this.replica().clock.round(at(afterMs));
  }

  told(): ProfileActivity[] {
    return this.broker.published(profileActivity);
  }

  /** What was told, one line each: cause, segments entered and left. */
  lines(): string[] {
    return this.told().map(({ cause, entered, left }) =>
      [`${cause.source} ${label(cause)}`, ...entered.map((id) => `+${id}`), ...left.map((id) => `-${id}`)].join(' '),
    );
  }

  /** The next batch of a partition. */
  batch(batch: readonly AcceptedEvent[], partition = 0) {
    const position = { schema: 'segmentation', consumer: 'segmentation', partition, from: this.from(partition) };
    return batchOf(events, batch, { position });
  }

  private from(partition: number): number {
    const from = this.next[partition];
    if (from === undefined) throw new Error(`there is no partition ${partition}`);
    return from;
  }
}

/** The bench of a spec file: open before its specs, closed after them. */
export function benchOfSpec(): Bench {
  const bench = new Bench();
  beforeAll(() => bench.open());
  afterAll(() => bench.close());
  return bench;
}

/** Moments as minutes after the start, offsets as they are. */
const label = ({ source, position }: ProfileActivity['cause']): number =>
  /^(events|delivery-events)\//.test(source) ? position : (position - start) / MINUTE;
