import { describe, expect, it } from '@jest/globals';
import type { ErasureStep, JourneyActivity, ProfileActivity } from '@tidings/contracts';
import { anActivity, anEvent, aProfile, instant } from '@tidings/testing';
import { v5 } from 'uuid';
import { analyticsFixture } from '../analytics.fixture.js';
import { TimelineController } from './timeline.controller.js';
import { TimelineStore } from './timeline.store.js';

const analytics = analyticsFixture();

const about = { v: 1, workspace: 'demo', profileId: 'ann', journey: { id: 'cart', version: 1, runId: 'run-1', step: 'push' } } as const;
const messageId = v5('a', v5.URL);
const decided: JourneyActivity = {
  ...about, kind: 'message-decided', messageId, channel: 'push', lane: 'triggered', at: instant(4_000), outcome: 'send', rule: 'eligible', values: {}, endpoints: ['phone'],
  template: { id: 'cart', version: 1 },
}; // prettier-ignore
const did = (name: string, afterMs: number, change: Partial<ProfileActivity> = {}): ProfileActivity => {
  const profileId = change.profileId ?? 'ann';
  const event = anEvent({ profileId, name, messageId: name, timestamp: instant(afterMs), receivedAt: instant(afterMs), properties: { secret: 'canary' } });
  return anActivity({ profileId, event, profile: aProfile({ id: profileId }), at: instant(afterMs), cause: { source: 'events/0', position: afterMs }, ...change });
};
const page = (profileId: string, query = {}) => new TimelineController(new TimelineStore(analytics.db.database)).timeline('demo', profileId, query);
const lines = async (profileId: string) => (await page(profileId)).items.map(({ at, kind, ...detail }) => [Date.parse(at) - Date.parse(instant()), kind, detail['segment'] ?? detail['eventName'] ?? detail['merged'] ?? detail['step'] ?? null]);
async function allPages(profileId: string, limit: string) {
  const seen: Awaited<ReturnType<typeof page>>['items'][number][] = [];
  let after: string | null | undefined;
  do {
    const { items, next } = await page(profileId, { limit, ...(after ? { after } : {}) });
    seen.push(...items);
    after = next;
  } while (after);
  return seen;
}

describe('the timeline of a profile', () => {
  it('has events, merges, segments, runs and messages under all ids, the newest first, each once', async () => {
    await analytics.hear(did('Visited', 0, { profileId: 'anonymous:d1' }));
    const activities = [did('Signed Up', 1_000, { merged: ['anonymous:d1'], entered: ['pros'] }), did('Left', 2_000, { left: ['pros'] })];
    await analytics.hear(...activities);
    const journeys: JourneyActivity[] = [{ ...about, kind: 'run-started', entry: 'event', at: instant(3_000) }, decided];
    await analytics.decide(...journeys);
    const sent = { ...about, endpoint: 'phone', endpoints: 1, messageId, channel: 'push', lane: 'triggered', provider: 'fcm', attempt: 1, kind: 'sent', reason: 'accepted', providerMessageId: null, dueAt: instant(4_000), at: instant(5_000) } as const;
    await analytics.deliver(sent);
    await analytics.hear(...activities);
    const expected = [
      [5_000, 'message.sent', 'push'],
      [4_000, 'message.decided', 'push'],
      [3_000, 'run.started', 'push'],
      [2_000, 'event.accepted', 'Left'],
      [2_000, 'segment.left', 'pros'],
      [1_000, 'event.accepted', 'Signed Up'],
      [1_000, 'profile.merged', ['anonymous:d1']],
      [1_000, 'segment.entered', 'pros'],
      [0, 'event.accepted', 'Visited'],
    ];
    const sorted = (all: unknown[][]) => all.map((one) => JSON.stringify(one)).toSorted();
    expect(sorted(await lines('ann'))).toEqual(sorted(expected));
    expect((await lines('ann')).map(([at]) => at)).toEqual(expected.map(([at]) => at));
    expect(await lines('anonymous:d1')).toEqual(await lines('ann'));
    expect(JSON.stringify(await analytics.db.rows('select * from analytics.timeline'))).not.toContain('canary');
  });

  it('is read page by page without a gap, also among moments of one instant', async () => {
    await analytics.hear(...Array.from({ length: 7 }, (_, index) => did(`Event ${index}`, index < 5 ? 0 : 1_000)));
    const seen = (await allPages('ann', '2')).map(({ eventName }) => eventName);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
    const forged = Buffer.from(JSON.stringify(['yesterday', 'x'])).toString('base64url');
    await expect(page('ann', { after: forged })).rejects.toMatchObject({ status: 400 });
  });

  it('has all moments of a busy minute, page by page, also when some are told again among others', async () => {
    const busy = Array.from({ length: 130 }, (_, index) => did(`Event ${index}`, index * 100));
    await analytics.hear(...busy.slice(0, 120));
    // Whatever tells the same again needs not tell it in the same company.
    await analytics.hear(busy[0] as ProfileActivity, ...busy.slice(120), busy[0] as ProfileActivity);
    expect((await allPages('ann', '7')).map(({ eventName }) => eventName)).toEqual(busy.map((_, index) => `Event ${129 - index}`));
    const lengths = await analytics.db.rows('select jsonb_array_length(moments) as n from analytics.timeline order by n');
    expect(lengths).toEqual([{ n: 11 }, { n: 20 }, { n: 50 }, { n: 50 }]);
  });

  it('loses to an erasure what came before it, and not what a new person of that name did in the same minute', async () => {
    await analytics.hear(did('Visited', 0), did('Came Back', 30_000));
    const step: ErasureStep = { v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', ids: ['ann'], requestedAt: instant(10_000), at: instant(10_000), rows: 1 };
    await analytics.erase(step);
    expect((await lines('ann')).map(([, , name]) => name)).toEqual(['Came Back']);
  });

  it('is another’s in another workspace, and goes with an erasure', async () => {
    await analytics.hear(did('Visited', 0), did('Visited', 0, { profileId: 'bob' }));
    expect((await new TimelineController(new TimelineStore(analytics.db.database)).timeline('other', 'ann', {})).items).toEqual([]);
    const step: ErasureStep = { v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', ids: ['ann'], requestedAt: instant(60_000), at: instant(61_000), rows: 1 };
    await analytics.erase(step);
    await analytics.decide(decided);
    expect([await lines('ann'), (await lines('bob')).length]).toEqual([[], 1]);
  });
});
