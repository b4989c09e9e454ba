import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { analyticsFacts, deliveryEvents, erasures, journeyActivity, nobody, profileActivity, type DeliveryEvent, type ErasureStep, type JourneyActivity } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { Catalog, ErasedIds } from '@tidings/service';
import { anActivity, anEvent, aProfile, instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { v5 } from 'uuid';
import { analyticsSchema } from '../analytics.schema.js';
import { ConversionStore } from '../goals/conversion.store.js';
import { IdentitiesStore } from '../identities.store.js';
import { MessagesStore } from '../messages/messages.store.js';
import { OutcomesHandler } from '../outcomes.handler.js';
import { AnalyticsController } from '../reports/analytics.controller.js';
import { ReportsStore } from '../reports/reports.store.js';
import { ErasingStore } from './erasing.store.js';
import { ErasuresHandler } from './erasures.handler.js';

let db: TestDatabase;
const next = new Map<string, number>();
const broker = recordingPublisher();
const erased = new ErasedIds('analytics', 'a-master-key-of-at-least-32-characters');

beforeAll(async () => {
  db = await testDatabase([analyticsSchema]);
});
beforeEach(async () => {
  broker.clear();
  next.clear();
  await db.rows('truncate analytics.message, analytics.rollup, analytics.merged_profile, analytics.erased, analytics.kafka_position');
  for (const topic of ['profile-activity', 'journey-activity', 'delivery-events', 'erasures'])
    await new PostgresPositions(db.database).begin('analytics', 'analytics', topic, 0, 0);
});
afterAll(() => db.drop());

const position = (topic: string, count: number) => {
  const from = next.get(topic) ?? 0;
  next.set(topic, from + count);
  return { position: { schema: 'analytics', consumer: 'analytics', from } };
};
const outcomes = () => new OutcomesHandler(new MessagesStore(db.database, broker, erased), new ConversionStore(), new IdentitiesStore(), Catalog.of([]));
const decided = (name: string, afterMs: number, profileId = 'ann'): JourneyActivity => ({
  v: 1, workspace: 'demo', profileId, journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' }, messageId: v5(name, v5.URL), channel: 'push', lane: 'triggered',
  kind: 'message-decided', at: instant(afterMs), outcome: 'send', rule: 'eligible', values: {}, endpoints: ['phone'], template: { id: 'cart', version: 1 },
}); // prettier-ignore
const sent = (name: string, afterMs: number, kind: DeliveryEvent['kind'] = 'sent'): DeliveryEvent => ({
  v: 1, workspace: 'demo', profileId: 'ann', journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' }, messageId: v5(name, v5.URL), channel: 'push', lane: 'triggered',
  endpoint: 'phone', endpoints: 1, provider: 'sandbox', attempt: 1, kind, reason: kind === 'sent' ? 'accepted' : 'erased', providerMessageId: null, dueAt: instant(afterMs), at: instant(afterMs),
}); // prettier-ignore
const decide = (...all: JourneyActivity[]) => outcomes().handle(batchOf(journeyActivity, all, position('journey-activity', all.length)));
const deliver = (...all: DeliveryEvent[]) => outcomes().handle(batchOf(deliveryEvents, all, position('delivery-events', all.length)));
const merge = (profileId: string, merged: string[], afterMs: number) =>
  outcomes().handle(
    batchOf(profileActivity, [anActivity({ profileId, merged, profile: aProfile({ id: profileId }), event: anEvent({ profileId, receivedAt: instant(afterMs) }) })], position('profile-activity', 1)),
  );
const erase = () => {
  const step: ErasureStep = { v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', ids: ['ann', 'anonymous:d1'], requestedAt: instant(60_000), at: instant(61_000), rows: 1 };
  return new ErasuresHandler(new ErasingStore(db.database, broker, erased)).handle(batchOf(erasures, [{ ...step, store: 'segmentation' }, step], position('erasures', 2)));
};
const owners = async () => (await db.rows<{ profile_id: string }>('select profile_id from analytics.message order by decided_at')).map(({ profile_id: id }) => id);
const sums = () => new AnalyticsController(new ReportsStore(db.database)).reconciliation('demo');

describe('an erasure', () => {
  it('leaves messages as nobody’s, so that the numbers still add up, and forgets the ways', async () => {
    await merge('ann', ['anonymous:d1'], 0);
    await decide(decided('a', 0), decided('b', 1_000, 'anonymous:d1'), decided('c', 2_000, 'bob'));
    await deliver(sent('a', 0));
    const before = await sums();
    await erase();
    expect(await owners()).toEqual([nobody, nobody, 'bob']);
    expect(await sums()).toEqual(before);
    expect(JSON.stringify(await db.rows('select * from analytics.message'))).not.toContain('phone');
    await deliver(sent('a', 0));
    expect(await sums()).toEqual(before);
    expect(await db.rows('select * from analytics.merged_profile')).toEqual([]);
    expect(broker.published(erasures).map(({ store, rows }) => [store, rows])).toEqual([['analytics', 8]]);
  });

  it('makes nobody’s what comes late of it, and its facts', async () => {
    await erase();
    broker.clear();
    await decide(decided('a', 59_000));
    await deliver(sent('a', 59_000, 'withheld'));
    await merge('ann', ['anonymous:d1'], 59_000);
    expect(await owners()).toEqual([nobody]);
    expect(await sums()).toEqual({ accepted: 1, sent: 0, withheld: 1, inFlight: 0, failed: 0, difference: 0 });
    expect(await db.rows('select * from analytics.merged_profile')).toEqual([]);
    expect(new Set(broker.published(analyticsFacts).map(({ profileId }) => profileId))).toEqual(new Set([nobody]));
  });

  it('makes nobody’s a message that was delivered before its decision is heard', async () => {
    await deliver(sent('a', 59_000));
    await erase();
    await decide(decided('a', 59_000));
    expect(await owners()).toEqual([nobody]);
    expect(await sums()).toMatchObject({ accepted: 1, sent: 1, difference: 0 });
  });

  it('leaves what a new profile of the same id gets', async () => {
    await decide(decided('before', 0), decided('after', 70_000));
    await erase();
    await decide(decided('later', 80_000));
    expect(await owners()).toEqual([nobody, 'ann', 'ann']);
  });
});
