import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import {
  deliveryEvents, erasures, journeyActivity, profileActivity, type DeliveryEvent, type ErasureStep, type JourneyActivity, type ProfileActivity,
} from '@tidings/contracts'; // prettier-ignore
import { PostgresPositions } from '@tidings/postgres';
import { Catalog, ErasedIds } from '@tidings/service';
import { recordingPublisher, testDatabase, testMasterKey, type TestDatabase } from '@tidings/testing';
import { analyticsSchema } from './analytics.schema.js';
import { ErasingStore } from './erasing/erasing.store.js';
import { ErasuresHandler } from './erasing/erasures.handler.js';
import { ConversionStore } from './goals/conversion.store.js';
import { IdentitiesStore } from './identities.store.js';
import { MessagesStore } from './messages/messages.store.js';
import { OutcomesHandler } from './outcomes.handler.js';

/** Analytics with a database and a publisher of its own, as it is before it has read anything; emptied for each test of a file. */
export class AnalyticsFixture {
  db!: TestDatabase;
  readonly publisher = recordingPublisher();
  private readonly erased = new ErasedIds('analytics', testMasterKey);
  private readonly next = new Map<string, number>();

  /** Reads what segmentation tells. */
  hear(...all: readonly ProfileActivity[]): Promise<void> {
    return this.outcomes().handle(batchOf(profileActivity, all, this.position('profile-activity', all.length)));
  }

  /** Reads what the orchestrator decides. */
  decide(...all: readonly JourneyActivity[]): Promise<void> {
    return this.outcomes().handle(batchOf(journeyActivity, all, this.position('journey-activity', all.length)));
  }

  /** Reads what the dispatchers tell. */
  deliver(...all: readonly DeliveryEvent[]): Promise<void> {
    return this.outcomes().handle(batchOf(deliveryEvents, all, this.position('delivery-events', all.length)));
  }

  /** Reads the steps of an erasure. */
  erase(...all: readonly ErasureStep[]): Promise<void> {
    const handler = new ErasuresHandler(new ErasingStore(this.db.database, this.publisher, this.erased));
    return handler.handle(batchOf(erasures, all, this.position('erasures', all.length)));
  }

  /** Makes everything as it is before a test. */
  async set(): Promise<void> {
    this.publisher.clear();
    this.next.clear();
    await this.db.rows('truncate analytics.message, analytics.rollup, analytics.merged_profile, analytics.timeline, analytics.erased, analytics.kafka_position');
    for (const topic of ['profile-activity', 'journey-activity', 'delivery-events', 'erasures'])
      await new PostgresPositions(this.db.database).begin('analytics', 'analytics', topic, 0, 0);
  }

  private outcomes(): OutcomesHandler {
    return new OutcomesHandler(new MessagesStore(this.db.database, this.publisher, this.erased), new ConversionStore(), new IdentitiesStore(), Catalog.of([]));
  }

  private position(topic: string, count: number) {
    const from = this.next.get(topic) ?? 0;
    this.next.set(topic, from + count);
    return { position: { schema: 'analytics', consumer: 'analytics', from } };
  }
}

/** The fixture of a file of specs. */
export function analyticsFixture(): AnalyticsFixture {
  const fixture = new AnalyticsFixture();
  beforeAll(async () => {
    fixture.db = await testDatabase([analyticsSchema]);
  });
  beforeEach(() => fixture.set());
  afterAll(() => fixture.db.drop());
  return fixture;
}
