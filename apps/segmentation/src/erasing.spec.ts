import { beforeEach, describe, expect, it } from '@jest/globals';
import { erasureOf, erasures, type AcceptedEvent } from '@tidings/contracts';
import { at, benchOfSpec, delivered, did, identified, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('pros', { trait: 'plan', equals: 'pro' }), segmentOf('buyers', { performed: 'Ordered' })));

const canary = 'canary-7f3a';
const erase = (profileId: string, afterMs: number, erasureId = 'erasure-1'): AcceptedEvent =>
  erasureOf({ workspace: 'demo', profileId, erasureId, now: at(afterMs) }).event;
const visited = (afterMs: number, anonymousId = 'd1'): AcceptedEvent =>
  did('Visited', afterMs, { profileId: `anonymous:${anonymousId}`, userId: null, anonymousId, properties: { page: canary } });
const signedIn = (afterMs: number): AcceptedEvent =>
  identified({ plan: 'pro', email: `${canary}@example.com` }, afterMs, { anonymousId: 'd1', context: { device: { id: 'phone', token: canary }, chat: { kind: 'slack', id: canary } } });
const counts = async (): Promise<number[]> => {
  const tables = ['profile', 'segment_member', 'event_history'];
  return Promise.all(tables.map(async (table) => (await bench.db.rows(`select from segmentation.${table}`)).length));
};
const everything = async (): Promise<string> =>
  JSON.stringify(await Promise.all(['profile', 'profile_address', 'segment_member', 'event_history', 'erased'].map((table) => bench.db.rows(`select * from segmentation.${table}`))));
const receipts = () => bench.broker.published(erasures).map(({ store, ids, rows }) => [store, [...ids].toSorted(), rows]);

describe('an erasure', () => {
  it('takes profile, ways, memberships and history under every id, and tells the next stores all ids', async () => {
    await bench.hear(visited(0), signedIn(SECOND), did('Ordered', 2 * SECOND), did('Other', 0, { profileId: 'bob', userId: 'bob' }));
    await bench.hear(erase('anonymous:d1', MINUTE));
    expect(receipts()).toEqual([['segmentation', ['ann', 'anonymous:d1'], 10]]);
    expect(await counts()).toEqual([1, 0, 1]);
    const left = await everything();
    for (const trace of [canary, 'ann', 'anonymous:d1']) expect(left).not.toContain(trace);
  });

  it.each(['ann', 'anonymous:d1'])('by %s takes with it what a process that died meant to merge', async (id) => {
    await bench.hear(visited(0), did('Ordered', 0));
    await bench.hearAndDie(signedIn(SECOND));
    await bench.hearOn(1, erase(id, MINUTE));
    expect(await bench.db.rows('select from segmentation.merge_intent')).toEqual([]);
  });

  it('takes the person out of their groups', async () => {
    const grouped = did('group', SECOND, { type: 'group', properties: { groupId: 'acme', traits: { plan: 'pro' } } });
    await bench.hear(signedIn(0), grouped, erase('ann', MINUTE));
    expect(receipts()).toEqual([['segmentation', ['ann', 'anonymous:d1'], 9]]);
    expect(await bench.db.rows('select from segmentation.group_member')).toEqual([]);
    expect(await bench.db.rows('select group_id from segmentation.profile_group')).toEqual([{ group_id: 'acme' }]);
  });

  it('stands in its place between the events of its batch', async () => {
    await bench.hear(signedIn(0), erase('ann', MINUTE), identified({ plan: 'free' }, 2 * MINUTE), did('Ordered', 3 * MINUTE));
    const [profile] = await bench.db.rows('select profile_id, version, traits, created_at, segments from segmentation.profile');
    expect(profile).toEqual({ profile_id: 'ann', version: '2', traits: { plan: 'free' }, created_at: at(2 * MINUTE), segments: ['buyers'] });
    expect(await counts()).toEqual([1, 1, 2]);
  });

  it('does not let in what was received before it, under whichever id, and makes a new profile of what comes later', async () => {
    await bench.hear(visited(0), signedIn(SECOND));
    await bench.hear(erase('ann', MINUTE));
    await bench.hear(visited(2 * SECOND), did('Ordered', MINUTE), signedIn(3 * SECOND));
    expect(await counts()).toEqual([0, 0, 0]);
    await bench.hear(visited(2 * MINUTE));
    expect(await bench.db.rows('select profile_id, version from segmentation.profile')).toEqual([{ profile_id: 'anonymous:d1', version: '1' }]);
  });

  it('does not let a late receipt about an earlier message make a profile, unless the address must not be written to again', async () => {
    await bench.hear(signedIn(0), erase('ann', MINUTE));
    const receipt = { kind: 'opened', messageId: 'm', channel: 'email', dueAt: at(SECOND).toISOString() } as const;
    await bench.hear(did('opened', 2 * MINUTE, { type: 'receipt', receipt }));
    expect(await counts()).toEqual([0, 0, 0]);
    const complaint = { ...receipt, kind: 'complained', address: 'hash' } as const;
    await bench.hear(did('complained', 2 * MINUTE, { type: 'receipt', receipt: complaint }));
    expect(bench.told().at(-1)?.event?.receipt).toEqual(complaint);
  });

  it('does not write down that a message from before was sent', async () => {
    await bench.hear(signedIn(0), erase('ann', MINUTE));
    await bench.hearSent(delivered('m1', 2 * MINUTE, { dueAt: at(SECOND).toISOString() }));
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('that comes again leaves the new profile, and gives its receipt again', async () => {
    await bench.hear(signedIn(0), erase('ann', MINUTE), did('Ordered', 2 * MINUTE), erase('ann', MINUTE));
    expect(await counts()).toEqual([1, 1, 1]);
    expect(receipts()).toEqual([
      ['segmentation', ['ann', 'anonymous:d1'], 7],
      ['segmentation', ['ann'], 0],
    ]);
  });

  it('of somebody unknown gives its receipt', async () => {
    await bench.hear(erase('nemo', 0));
    expect(receipts()).toEqual([['segmentation', ['nemo'], 0]]);
  });

  it('that dies after it told is done by the next process', async () => {
    await bench.hear(visited(0), signedIn(SECOND));
    await bench.hearAndDie(erase('ann', MINUTE));
    expect(await counts()).toEqual([2, 1, 2]);
    await bench.hear(erase('ann', MINUTE));
    expect(await counts()).toEqual([0, 0, 0]);
    expect(receipts()).toEqual(Array.from({ length: 2 }, () => ['segmentation', ['ann', 'anonymous:d1'], 8]));
  });

  it('leaves the same id of another workspace alone', async () => {
    await bench.hear(signedIn(0), identified({ plan: 'pro' }, 0, { workspace: 'other' }), erase('ann', MINUTE));
    await bench.hear(did('Ordered', SECOND, { workspace: 'other' }));
    expect(await counts()).toEqual([1, 0, 2]);
  });
});
