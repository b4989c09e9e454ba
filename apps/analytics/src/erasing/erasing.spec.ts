import { describe, expect, it } from '@jest/globals';
import { analyticsFacts, erasures, nobody, type DeliveryEvent, type ErasureStep, type JourneyActivity } from '@tidings/contracts';
import { anActivity, anEvent, aProfile, instant } from '@tidings/testing';
import { v5 } from 'uuid';
import { analyticsFixture } from '../analytics.fixture.js';
import { AnalyticsController } from '../reports/analytics.controller.js';
import { ReportsStore } from '../reports/reports.store.js';

const analytics = analyticsFixture();

const decided = (name: string, afterMs: number, profileId = 'ann'): JourneyActivity => ({
  v: 1, workspace: 'demo', profileId, journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' }, messageId: v5(name, v5.URL), channel: 'push', lane: 'triggered',
  kind: 'message-decided', at: instant(afterMs), outcome: 'send', rule: 'eligible', values: {}, endpoints: ['phone'], template: { id: 'cart', version: 1 },
}); // prettier-ignore
const sent = (name: string, afterMs: number, kind: DeliveryEvent['kind'] = 'sent'): DeliveryEvent => ({
  v: 1, workspace: 'demo', profileId: 'ann', journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' }, messageId: v5(name, v5.URL), channel: 'push', lane: 'triggered',
  endpoint: 'phone', endpoints: 1, provider: 'sandbox', attempt: 1, kind, reason: kind === 'sent' ? 'accepted' : 'erased', providerMessageId: null, dueAt: instant(afterMs), at: instant(afterMs),
}); // prettier-ignore
const merge = (profileId: string, merged: string[], afterMs: number) =>
  analytics.hear(anActivity({ profileId, merged, profile: aProfile({ id: profileId }), event: anEvent({ profileId, receivedAt: instant(afterMs) }) }));
const erase = () => {
  const step: ErasureStep = { v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', ids: ['ann', 'anonymous:d1'], requestedAt: instant(60_000), at: instant(61_000), rows: 1 };
  return analytics.erase({ ...step, store: 'segmentation' }, step);
};
const owners = async () => (await analytics.db.rows<{ profile_id: string }>('select profile_id from analytics.message order by decided_at')).map(({ profile_id: id }) => id);
const sums = () => new AnalyticsController(new ReportsStore(analytics.db.database)).reconciliation('demo');

describe('an erasure', () => {
  it('leaves messages as nobody’s, so that the numbers still add up, and forgets the ways', async () => {
    await merge('ann', ['anonymous:d1'], 0);
    await analytics.decide(decided('a', 0), decided('b', 1_000, 'anonymous:d1'), decided('c', 2_000, 'bob'));
    await analytics.deliver(sent('a', 0));
    const before = await sums();
    await erase();
    expect(await owners()).toEqual([nobody, nobody, 'bob']);
    expect(await sums()).toEqual(before);
    expect(JSON.stringify(await analytics.db.rows('select * from analytics.message'))).not.toContain('phone');
    await analytics.deliver(sent('a', 0));
    expect(await sums()).toEqual(before);
    expect(await analytics.db.rows('select * from analytics.merged_profile')).toEqual([]);
    expect(analytics.publisher.published(erasures).map(({ store, rows }) => [store, rows])).toEqual([['analytics', 7]]);
  });

  it('makes nobody’s what comes late of it, and its facts', async () => {
    await erase();
    analytics.publisher.clear();
    await analytics.decide(decided('a', 59_000));
    await analytics.deliver(sent('a', 59_000, 'withheld'));
    await merge('ann', ['anonymous:d1'], 59_000);
    expect(await owners()).toEqual([nobody]);
    expect(await sums()).toEqual({ accepted: 1, sent: 0, withheld: 1, inFlight: 0, failed: 0, difference: 0 });
    expect(await analytics.db.rows('select * from analytics.merged_profile')).toEqual([]);
    expect(new Set(analytics.publisher.published(analyticsFacts).map(({ profileId }) => profileId))).toEqual(new Set([nobody]));
  });

  it('makes nobody’s a message that was delivered before its decision is heard', async () => {
    await analytics.deliver(sent('a', 59_000));
    await erase();
    await analytics.decide(decided('a', 59_000));
    expect(await owners()).toEqual([nobody]);
    expect(await sums()).toMatchObject({ accepted: 1, sent: 1, difference: 0 });
  });

  it('leaves what a new profile of the same id gets', async () => {
    await analytics.decide(decided('before', 0), decided('after', 70_000));
    await erase();
    await analytics.decide(decided('later', 80_000));
    expect(await owners()).toEqual([nobody, 'ann', 'ann']);
  });
});
