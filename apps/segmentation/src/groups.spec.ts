import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition, Values } from '@tidings/contracts';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { SegmentCatalog } from './segment-catalog.js';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const pros: Condition = { group: { trait: 'plan', equals: 'pro' } };
const renewing: Condition = { group: { trait: 'renews', withinNext: '1d' } };

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('pros', pros), segmentOf('renewing', renewing)));

/** A call of `group`, as ingest accepts it. */
const grouped = (
  profileId: string,
  groupId: string,
  traits: Values = {},
  afterMs = 0,
  change: Partial<AcceptedEvent> = {},
): AcceptedEvent =>
  did('group', afterMs, { type: 'group', profileId, userId: profileId, properties: { groupId, traits }, ...change });
const left = (profileId: string, groupId: string, afterMs: number): AcceptedEvent =>
  did('group', afterMs, { type: 'group', profileId, userId: profileId, properties: { groupId, left: true }, source: 'api' });

/** The members are told, and looked at. */
async function spread(afterMs: number, page?: number): Promise<void> {
  const { groups, clock } = bench.replica();
  await groups.round(at(afterMs), page);
  await clock.round(at(afterMs));
}
const lines = () => bench.told().map(({ profileId }, index) => `${profileId} ${bench.lines()[index]}`);
const members = () =>
  bench.db.rows('select group_id, profile_id, since from segmentation.group_member order by 1, 2');
const news = () => bench.db.rows('select group_id, version, walked, cursor from segmentation.group_news');
const differences = async (afterMs: number) => {
  const auditor = new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database));
  const { differences: found, waiting } = await auditor.audit('demo', { after: '', limit: 100 }, at(afterMs));
  return { found, waiting };
};

describe('a call of group', () => {
  it('makes a group, has the person belong to it, and is answered at once', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro', seats: 3 }));
    expect(lines()).toEqual(['ann events/0 0 +pros']);
    expect(bench.told()[0]?.profile).toMatchObject({ traits: {}, groups: [{ id: 'acme', traits: { plan: 'pro', seats: 3 } }] });
    expect(await members()).toMatchObject([{ group_id: 'acme', profile_id: 'ann' }]);
  });

  it('says nothing of groups where somebody belongs to none', async () => {
    await bench.hear(identified({ plan: 'pro' }));
    expect(bench.told()[0]?.profile).not.toHaveProperty('groups');
  });

  it('that comes late changes nothing that a newer one said', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'free' }, 2 * SECOND));
    await bench.hear(grouped('bob', 'acme', { plan: 'pro', seats: 2 }, 3 * SECOND, { timestamp: at(SECOND).toISOString() }));
    expect(bench.told()[1]?.profile.groups).toEqual([{ id: 'acme', traits: { plan: 'free', seats: 2 } }]);
  });

  it('keeps workspaces apart', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }), grouped('ann', 'acme', { plan: 'free' }, SECOND, { workspace: 'other' }));
    await bench.hear(did('Seen', 2 * SECOND));
    expect(bench.told()[2]?.profile.groups).toEqual([{ id: 'acme', traits: { plan: 'pro' } }]);
  });

  it('of a person who has left ends it, whatever is heard late', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }));
    await bench.hear(left('ann', 'acme', HOUR));
    await bench.hear(grouped('ann', 'acme', {}, 2 * HOUR, { timestamp: at(MINUTE).toISOString() }));
    expect(lines()).toEqual(['ann events/0 0 +pros', 'ann events/0 1 -pros', 'ann events/0 2']);
    expect(await members()).toEqual([]);
  });
});

describe('a group that changes', () => {
  beforeEach(async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'free' }), grouped('bob', 'acme'), grouped('cleo', 'acme'), grouped('dan', 'other'));
    await spread(SECOND);
    bench.broker.clear();
  });

  it('is told to its members, and to nobody else', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }, MINUTE));
    expect(await differences(MINUTE)).toEqual({ found: 0, waiting: 2 });
    await spread(MINUTE + SECOND);
    expect(lines()).toEqual(['ann events/0 4 +pros', 'bob groups 1 +pros', 'cleo groups 1 +pros']);
    expect(await news()).toEqual([]);
    expect(await differences(MINUTE + SECOND)).toEqual({ found: 0, waiting: 0 });
  });

  it('is known to whoever is heard of first, under the cause of its own', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }, MINUTE));
    await bench.hear(did('Seen', 2 * MINUTE, { profileId: 'bob' }));
    await spread(3 * MINUTE);
    expect(lines().slice(1)).toEqual(['bob groups 1 +pros', 'bob events/0 5', 'cleo groups 1 +pros']);
  });

  it('in the same batch is known to those who are heard of after it', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }, MINUTE), did('Seen', MINUTE, { profileId: 'bob' }));
    expect(lines()).toEqual(['ann events/0 4 +pros', 'bob groups 1 +pros', 'bob events/0 5']);
  });

  it('is told page by page, by whichever replica, and begun anew where it changed meanwhile', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }, MINUTE));
    await spread(MINUTE + SECOND, 2);
    expect(await news()).toMatchObject([{ cursor: 'bob' }]);
    await bench.hear(grouped('dan', 'acme', { plan: 'free' }, 2 * MINUTE));
    for (let round = 1; round < 6; round++) await spread(2 * MINUTE + round * SECOND, 2);
    expect(await news()).toEqual([]);
    expect(lines().filter((line) => line.includes('groups'))).toEqual([
      'bob groups 1 +pros', 'ann groups 2 -pros', 'bob groups 2 -pros',
    ]); // prettier-ignore
    expect(await differences(3 * MINUTE)).toEqual({ found: 0, waiting: 0 });
  });

  it('brings moments at which time alone changes answers', async () => {
    await bench.hear(grouped('ann', 'acme', { renews: '2026-03-04T12:00:00Z' }, MINUTE));
    await spread(2 * MINUTE);
    expect(lines()).toEqual(['ann events/0 4']);
    await bench.pass(DAY);
    await bench.pass(2 * DAY);
    // Who is due at the same moment comes in no order.
    expect([lines().slice(1, 4).toSorted(), lines().slice(4).toSorted()]).toEqual([
      ['ann', 'bob', 'cleo'].map((id) => `${id} clock ${DAY / MINUTE} +renewing`),
      ['ann', 'bob', 'cleo'].map((id) => `${id} clock ${(2 * DAY) / MINUTE} -renewing`),
    ]);
    expect(await differences(2 * DAY)).toEqual({ found: 0, waiting: 0 });
  });

  it('is told of once when the process dies after publishing', async () => {
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }, MINUTE));
    const { groups, clock } = bench.replica();
    await groups.round(at(MINUTE + SECOND));
    await bench.passAndDie(MINUTE + SECOND);
    await clock.round(at(MINUTE + SECOND));
    const of = (who: string) => bench.told().filter(({ profileId, cause }) => profileId === who && cause.source === 'groups');
    expect(new Set(of('bob').map(({ cause }) => cause.position)).size).toBe(1);
    expect(of('bob').length).toBe(2);
  });

  it('of which nobody asks is not walked through', async () => {
    await bench.reset();
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }), grouped('bob', 'acme'));
    await bench.replica().groups.round(at(SECOND));
    expect(await news()).toMatchObject([{ group_id: 'acme' }]);
    await bench.replica().groups.round(at(2 * MINUTE));
    expect(await news()).toEqual([]);
  });
});

describe('a segment that asks for groups', () => {
  it('is published for those who belong to one already', async () => {
    await bench.reset();
    await bench.hear(grouped('ann', 'acme', { plan: 'pro' }), grouped('bob', 'other'));
    bench.catalog.put(segmentOf('pros', pros, MINUTE));
    const { backfill, clock } = bench.replica();
    await backfill.round(at(MINUTE));
    await clock.round(at(MINUTE));
    expect(lines().slice(2)).toEqual(['ann segments 1 +pros']);
  });
});

describe('a person of two ids', () => {
  const web = { userId: null, anonymousId: 'web' };

  it('belongs to the groups of both, since the earlier', async () => {
    await bench.hear(grouped('anonymous:web', 'acme', { plan: 'pro' }, 0, web), grouped('anonymous:web', 'club', {}, SECOND, web));
    await bench.hear(grouped('ann', 'acme', {}, MINUTE));
    await bench.hear(did('identify', HOUR, { type: 'identify', anonymousId: 'web' }));
    expect(bench.told().at(-1)?.profile.groups?.map(({ id }) => id)).toEqual(['acme', 'club']);
    expect(bench.lines().slice(2)).toEqual(['events/0 2 +pros', 'events/0 3']);
    expect(await members()).toEqual([
      { group_id: 'acme', profile_id: 'ann', since: String(at(0).getTime()) },
      { group_id: 'club', profile_id: 'ann', since: String(at(SECOND).getTime()) },
    ]);
  });
});
