import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import {
  analyticsFacts,
  deliveryEvents,
  journeyActivity,
  profileActivity,
  type DefinitionRecord,
  type DeliveryEvent,
  type JourneyActivity,
  type ProfileActivity,
  type ReceiptKind,
} from '@tidings/contracts';
import { Catalog, ErasedIds } from '@tidings/service';
import { anActivity, anEvent, instant, recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { v5 } from 'uuid';
import { analyticsSchema } from './analytics.schema.js';
import { ConversionStore } from './goals/conversion.store.js';
import { IdentitiesStore } from './identities.store.js';
import { MessagesStore } from './messages/messages.store.js';
import { OutcomesHandler } from './outcomes.handler.js';
import { AnalyticsController } from './reports/analytics.controller.js';
import { DecisionsController } from './reports/decisions.controller.js';
import { ReportsStore } from './reports/reports.store.js';

const journey: DefinitionRecord = {
  v: 1,
  workspace: 'demo',
  kind: 'journey',
  id: 'cart',
  version: 1,
  status: 'published',
  publishedAt: instant(),
  body: { id: 'cart', entry: [{ event: 'Product Added' }], goal: { event: 'Order Completed', within: '7d' }, steps: [{ id: 'push', message: { push: { template: 'cart' } } }] },
};
const idOf = (name: string) => v5(name, v5.URL);
const about = (messageId: string) => ({
  v: 1 as const,
  workspace: 'demo',
  profileId: 'ann',
  journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' },
  messageId: idOf(messageId),
  channel: 'push' as const,
  lane: 'triggered' as const,
});
const decided = (id: string, change: Partial<Extract<JourneyActivity, { kind: 'message-decided' }>> = {}): JourneyActivity => ({
  ...about(id),
  kind: 'message-decided',
  at: instant(),
  outcome: 'send',
  rule: 'eligible',
  values: { consent: 'agreed' },
  endpoints: ['phone'],
  template: { id: 'cart', version: 1 },
  ...change,
});
const delivered = (id: string, change: Partial<DeliveryEvent> = {}): DeliveryEvent => ({
  ...about(id),
  endpoint: 'phone',
  endpoints: 1,
  provider: 'sandbox',
  attempt: 1,
  kind: 'sent',
  reason: 'accepted',
  providerMessageId: null,
  dueAt: instant(),
  at: instant(500),
  ...change,
});

const receipt = (kind: ReceiptKind, name: string, eventId = `${kind} ${name}`): ProfileActivity =>
  anActivity({
    profileId: 'ann',
    event: anEvent({ profileId: 'ann', type: 'receipt', name: kind, messageId: eventId, receipt: { kind, messageId: idOf(name), channel: 'push', dueAt: instant() } }),
  });

describe('analytics', () => {
  let db: TestDatabase;
  const publisher = recordingPublisher();
  const from: Record<string, number> = {};
  let hear: {
    journey: (...activities: JourneyActivity[]) => Promise<void>;
    delivery: (...deliveries: DeliveryEvent[]) => Promise<void>;
    activity: (...activities: ProfileActivity[]) => Promise<void>;
    /** All that the batches hold as one, as the bus joins what it fetched of several topics. */
    together: (journeys: JourneyActivity[], activities: ProfileActivity[]) => Promise<void>;
  };
  let analytics: AnalyticsController;
  let decisions: DecisionsController;

  beforeAll(async () => {
    db = await testDatabase([analyticsSchema]);
    const messages = new MessagesStore(db.database, publisher, new ErasedIds('analytics', 'a-master-key-of-at-least-32-characters'));
    const handler = new OutcomesHandler(messages, new ConversionStore(), new IdentitiesStore(), Catalog.of([journey]));
    const position = async (topic: string, count: number) => {
      const start = from[topic] ?? 0;
      if (start === 0) {
        await db.rows(`insert into analytics.kafka_position (consumer, topic, partition, next_offset) values ('analytics', $1, 0, 0) on conflict do nothing`, [topic]);
      }
      from[topic] = start + count;
      return { position: { schema: 'analytics', consumer: 'analytics', from: start, to: start + count } };
    };
    hear = {
      journey: async (...all) => handler.handle(batchOf(journeyActivity, all, await position('journey-activity', all.length))),
      delivery: async (...all) => handler.handle(batchOf(deliveryEvents, all, await position('delivery-events', all.length))),
      activity: async (...all) => handler.handle(batchOf(profileActivity, all, await position('profile-activity', all.length))),
      together: async (journeys, activities) => {
        const first = batchOf(journeyActivity, journeys, await position('journey-activity', journeys.length));
        const second = batchOf(profileActivity, activities, await position('profile-activity', activities.length));
        await handler.handle({ ...first, messages: [...first.messages, ...second.messages], positions: [...first.positions, ...second.positions] });
      },
    };
    const reports = new ReportsStore(db.database);
    analytics = new AnalyticsController(reports);
    decisions = new DecisionsController(reports);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    publisher.clear();
    await db.rows('truncate analytics.message, analytics.rollup, analytics.merged_profile');
  });

  it('adds up: accepted = sent + withheld + in flight + failed, with the reasons', async () => {
    await hear.journey(decided('a'), decided('b', { outcome: 'withhold', rule: 'no-consent' }), decided('c'), decided('d'));
    await hear.delivery(delivered('a'), delivered('c', { kind: 'failed', reason: 'bad-address' }));

    expect(await analytics.reconciliation('demo')).toEqual({ accepted: 4, sent: 1, withheld: 1, inFlight: 1, failed: 1, difference: 0 });
    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({
      accepted: 4,
      withheldByReason: { 'no-consent': 1 },
      failedByReason: { 'bad-address': 1 },
      steps: [{ step: 'push', channel: 'push', sent: 1 }],
    });
  });

  it('counts nothing twice when the same is heard again, and publishes the same facts under the same ids', async () => {
    await hear.journey(decided('a'));
    await hear.delivery(delivered('a'));
    const [facts] = [publisher.published(analyticsFacts)];
    await hear.delivery(delivered('a'));
    await hear.journey(decided('a'));

    expect(await analytics.reconciliation('demo')).toMatchObject({ accepted: 1, sent: 1, difference: 0 });
    expect(facts.map(({ fact }) => fact)).toEqual(['message.decided', 'message.sent']);
    expect(publisher.published(analyticsFacts)).toEqual(facts);
  });

  it('tells the same fact ids after a crash between publishing and storing', async () => {
    publisher.failWith(new Error('killed'));
    await expect(hear.journey(decided('a'))).rejects.toThrow('killed');
    from['journey-activity'] = (from['journey-activity'] ?? 1) - 1;
    publisher.failWith(null);
    await hear.journey(decided('a'));
    expect(await analytics.reconciliation('demo')).toMatchObject({ accepted: 1, inFlight: 1, difference: 0 });
  });

  it('credits the last message in time with the conversion, once', async () => {
    await hear.journey(decided('old', { at: instant(-8 * 86_400_000) }), decided('a', { at: instant(-60_000) }), decided('b', { at: instant(-30_000) }));
    await hear.delivery(delivered('a', { dueAt: instant(-60_000) }), delivered('b', { dueAt: instant(-30_000) }));
    const order = anActivity({ profileId: 'ann', event: anEvent({ profileId: 'ann', name: 'Order Completed' }) });
    await hear.activity(order);
    await hear.activity(order);

    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({ converted: 1 });
    expect(await decisions.message('demo', idOf('b'))).toMatchObject({ convertedAt: instant() });
  });

  it('credits a message that was decided in the very batch in which the goal is reached', async () => {
    const order = anActivity({ profileId: 'ann', event: anEvent({ profileId: 'ann', name: 'Order Completed' }) });
    await hear.together([decided('a', { at: instant(-60_000) })], [order]);
    await hear.delivery(delivered('a', { dueAt: instant(-60_000) }));
    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({ accepted: 1, sent: 1, converted: 1 });
  });

  it('answers why, and only to the workspace whose message it is', async () => {
    await hear.journey(decided('a', { outcome: 'withhold', rule: 'no-address', values: { channel: 'push', devices: 0 } }));
    const page = await decisions.list('demo', { profile: 'ann', journey: 'cart' });
    expect(page.items).toMatchObject([{ state: 'withheld', rule: 'no-address', values: { devices: 0 }, step: 'push' }]);
    expect((await decisions.list('other', { profile: 'ann' })).items).toEqual([]);
    await expect(decisions.message('other', idOf('a'))).rejects.toMatchObject({ status: 404 });
  });

  it('counts each message once when decisions and deliveries are heard at the same time, in different orders', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `both-${at}`);
    await hear.journey(...names.slice(0, 20).map((name) => decided(name)));
    publisher.clear();
    await Promise.all([
      hear.journey(...names.slice(10).map((name) => decided(name))),
      hear.delivery(...names.map((name) => delivered(name)).toReversed()),
      hear.activity(...names.slice(0, 30).toReversed().map((name) => receipt('opened', name))),
    ]);

    expect(await analytics.reconciliation('demo')).toEqual({ accepted: 60, sent: 60, withheld: 0, inFlight: 0, failed: 0, difference: 0 });
    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({ opened: 30 });
    const facts = publisher.published(analyticsFacts).filter(({ fact }) => fact.startsWith('message.'));
    expect(new Set(facts.map(({ factId }) => factId)).size).toBe(40 + 60 + 30);
    expect(facts).toHaveLength(40 + 60 + 30);
    const page = await decisions.list('demo', { message: idOf('both-0') });
    expect(page.items).toMatchObject([{ state: 'sent', rule: 'eligible', openedAt: instant(), sentAt: instant(500) }]);
  });

  it('knows a message by its id however a receipt writes it', async () => {
    await hear.journey(decided('a'));
    const loud = receipt('opened', 'a');
    await hear.activity({ ...loud, event: loud.event && { ...loud.event, receipt: { kind: 'opened', messageId: idOf('a').toUpperCase(), channel: 'push', dueAt: instant() } } });
    await hear.delivery(delivered('a'));
    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({ accepted: 1, opened: 1, sent: 1 });
  });

  it('counts receipts once per message', async () => {
    await hear.journey(decided('a'));
    await hear.delivery(delivered('a'));
    await hear.activity(receipt('opened', 'a', 'r1'), receipt('opened', 'a', 'r2'));
    expect(await analytics.journey('demo', 'cart', {})).toMatchObject({ opened: 1, sent: 1 });
  });

  describe('of people whose ids were merged', () => {
    const ordered = (profileId: string) =>
      anActivity({ profileId, event: anEvent({ profileId, name: 'Order Completed', messageId: `order of ${profileId}`, timestamp: instant(1000) }) });
    const merged = (profileId: string, ids: string[]) => anActivity({ profileId, merged: ids });
    const asked = async (profile: string) => (await decisions.list('demo', { profile })).items.map(({ messageId, profileId }) => [messageId, profileId]);

    it.each<[string, ProfileActivity[]]>([
      ['in the order of the merges', [merged('bob', ['anonymous:web']), merged('ann', ['bob', 'anonymous:web'])]],
      ['the last merge first', [merged('ann', ['bob', 'anonymous:web']), merged('bob', ['anonymous:web'])]],
    ])('finds messages that went out under any of them, %s', async (_, merges) => {
      await hear.journey(decided('web', { profileId: 'anonymous:web' }), decided('ann'), decided('eve', { profileId: 'eve' }));
      for (const merge of merges) await hear.activity(merge);
      const all = [[idOf('ann'), 'ann'], [idOf('web'), 'anonymous:web']].toSorted();
      for (const id of ['ann', 'bob', 'anonymous:web']) expect((await asked(id)).toSorted()).toEqual(all);
      expect(await asked('eve')).toEqual([[idOf('eve'), 'eve']]);
    });

    it('credits what the person does to a message that went out under a former id, also when that is heard of together', async () => {
      await hear.journey(decided('web', { profileId: 'anonymous:web' }));
      await hear.delivery(delivered('web', { profileId: 'anonymous:web' }));
      await hear.activity(merged('ann', ['anonymous:web']), ordered('ann'));
      expect(await decisions.message('demo', idOf('web'))).toMatchObject({ convertedAt: instant(1000) });
      await hear.journey(decided('late', { profileId: 'anonymous:web', at: instant(500) }));
      await hear.delivery(delivered('late', { profileId: 'anonymous:web', dueAt: instant(500) }));
      await hear.activity(anActivity({ profileId: 'ann', event: anEvent({ profileId: 'ann', name: 'Order Completed', messageId: 'next', timestamp: instant(2000) }) }));
      expect(await decisions.message('demo', idOf('late'))).toMatchObject({ convertedAt: instant(2000) });
    });
  });
});
