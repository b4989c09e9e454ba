import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Condition, DeliveryEvent } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { AuditStore } from './audit.store.js';
import { Auditor } from './auditor.js';
import { at, benchOfSpec, DAY, delivered, did, HOUR, MINUTE, SECOND, segmentOf, workspaceOf } from './bench.fixture.js';
import { SegmentCatalog } from './segment-catalog.js';

const busy: Condition = { message: 'sent', journey: 'welcome', atLeast: 2, withinLast: '1d' };
const tired: Condition = { message: 'ignored', after: '1h', withinLast: '7d' };
const fresh: Condition = { message: 'sent', never: true };

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('busy', busy), segmentOf('tired', tired)));

const reported = (kind: 'opened' | 'clicked', messageId: string, afterMs: number) =>
  did('receipt', afterMs, { type: 'receipt', receipt: { kind, messageId, channel: 'email', journey: 'welcome', step: 'hello' } });
const history = async () =>
  (await bench.db.rows<{ message_id: string }>(`select message_id from segmentation.event_history where event -> 'receipt' ->> 'kind' = 'sent' order by 1`)).map(
    ({ message_id: id }) => id,
  );
const differences = async (afterMs: number) =>
  (await new Auditor(new SegmentCatalog(bench.catalog), new AuditStore(bench.db.database)).audit('demo', { after: '', limit: 100 }, at(afterMs))).differences;
const backfill = async (afterMs: number) => {
  const { backfill: poller, clock } = bench.replica();
  await poller.round(at(afterMs));
  while (await clock.round(at(afterMs)));
};

describe('a message that was sent', () => {
  it('is counted, told under the cause of its own topic, and nothing else of the profile changes', async () => {
    await bench.hear(did('Seen'));
    await bench.hearSent(delivered('m1', SECOND), delivered('m2', 2 * SECOND));
    expect(bench.lines()).toEqual(['events/0 0', 'delivery-events/0 1 +busy']);
    expect(bench.told()[1]).toMatchObject({ profileId: 'ann', event: null, at: at(2 * SECOND).toISOString(), profile: { version: 2 } });
    await bench.pass(DAY + 2 * SECOND + MINUTE);
    expect(bench.lines().slice(2)).toEqual([`clock ${(HOUR + SECOND) / MINUTE} +tired`, `clock ${(DAY + SECOND) / MINUTE} -busy`]);
    expect(await differences(2 * DAY)).toBe(0);
  });

  it('is heard once, however many endpoints it went to and however often it is told', async () => {
    await bench.hear(did('Seen'));
    await bench.hearSent(delivered('m1'), delivered('m1', SECOND, { endpoint: 'tablet' }), delivered('m1', 2 * SECOND, { attempt: 2 }));
    await bench.hearSent(delivered('m1', 3 * SECOND, { endpoint: 'watch' }));
    expect([await history(), bench.lines()]).toEqual([['sent:m1'], ['events/0 0']]);
  });

  it.each<DeliveryEvent['kind']>(['withheld', 'failed', 'delayed', 'ambiguous'])('is not one that was %s', async (kind) => {
    await bench.hearSent(delivered('m1', 0, { kind }), delivered('m2', 0, { kind }));
    expect([await history(), bench.lines()]).toEqual([[], []]);
  });

  it('is ignored after its time, and no longer when it is opened', async () => {
    await bench.hear(did('Seen'));
    await bench.hearSent(delivered('m1'));
    await bench.pass(HOUR - 1);
    expect(bench.lines()).toHaveLength(1);
    await bench.pass(HOUR);
    await bench.hear(reported('opened', 'm1', 2 * HOUR));
    expect(bench.lines().slice(1)).toEqual(['clock 60 +tired', 'events/0 1 -tired']);
    await bench.hear(reported('clicked', 'm2', 3 * HOUR));
    await bench.hearSent(delivered('m2', 3 * HOUR));
    await bench.pass(8 * DAY);
    expect(bench.lines().slice(3)).toEqual(['events/0 2', 'delivery-events/0 1 +busy', `clock ${DAY / MINUTE} -busy`]);
    expect(await differences(8 * DAY)).toBe(0);
  });

  it('is told again under the same cause after a crash, and counted once', async () => {
    await bench.hear(did('Seen'));
    const batch = [delivered('m1'), delivered('m2', SECOND)];
    await bench.hearSentAndDie(...batch);
    expect(await history()).toEqual([]);
    await bench.hearSent(...batch);
    expect(bench.lines().slice(1)).toEqual(['delivery-events/0 1 +busy', 'delivery-events/0 1 +busy']);
    expect(bench.told()[2]).toEqual(bench.told()[1]);
    expect(await differences(MINUTE)).toBe(0);
  });

  it('makes a profile where nobody knew it, as receipts do', async () => {
    await bench.hearSent(delivered('m1'), delivered('m2'));
    expect(bench.lines()).toEqual(['delivery-events/0 1 +busy']);
    expect(await differences(MINUTE)).toBe(0);
  });
});

describe('a message that no segment asks for', () => {
  const quiet = () => bench.reset(segmentOf('buyers', { performed: 'Ordered' }));

  it('is history, holds no profile and tells nothing', async () => {
    await quiet();
    await bench.hear(did('Seen'));
    const profile = () => bench.db.rows('select *, xmin, xmax from segmentation.profile');
    const before = await profile();
    await bench.hearSent(delivered('m1'), delivered('m2'));
    expect(await profile()).toEqual(before);
    expect([bench.lines(), await history()]).toEqual([['events/0 0'], ['sent:m1', 'sent:m2']]);
  });

  it('to somebody nobody knew stands in the way of no event, whatever id that comes under', async () => {
    await quiet();
    await bench.hearSent(delivered('m1'));
    expect(await history()).toEqual(['sent:m1']);
    await bench.hear(did('Seen', SECOND, { messageId: 'sent:m1' }), did('Seen', SECOND));
    expect(await bench.db.rows('select version from segmentation.profile')).toHaveLength(1);
  });

  it('is counted when a segment that asks is published', async () => {
    await quiet();
    await bench.hear(did('Seen'));
    await bench.hearSent(delivered('m1'), delivered('m2', MINUTE));
    for (const [id, where] of Object.entries({ busy, tired, fresh })) bench.catalog.put(segmentOf(id, where, 2 * HOUR));
    await backfill(2 * HOUR);
    expect(bench.lines().slice(1)).toEqual(['segments 120 +busy +tired']);
    expect(await differences(2 * HOUR)).toBe(0);
  });
});

describe('messages of profiles that are one', () => {
  it('are counted together, those that were sent under the old id too', async () => {
    const web = { profileId: 'anonymous:web', userId: null, anonymousId: 'web' };
    await bench.hear(did('Seen', 0, web), did('Seen'));
    await bench.hearSent(delivered('m1', SECOND, { profileId: 'anonymous:web' }));
    await bench.hear(did('identify', MINUTE, { type: 'identify', userId: 'ann', anonymousId: 'web' }));
    await bench.hearSent(delivered('m2', 2 * MINUTE, { profileId: 'anonymous:web' }));
    expect(bench.lines().at(-1)).toBe('delivery-events/0 1 +busy');
    expect(bench.told().at(-1)).toMatchObject({ profileId: 'ann' });
    expect(await differences(3 * MINUTE)).toBe(0);
  });
});

describe('a replica that has not heard of the segments that ask', () => {
  const just = Date.now() - SECOND - at(0).getTime();
  const sentBehind = (...batch: readonly DeliveryEvent[]) =>
    bench.replica(bench.broker, Catalog.of([workspaceOf('demo'), segmentOf('buyers', { performed: 'Ordered' })])).sent.handle(bench.sentBatch(batch));

  it('has the profile looked at again, so that what it wrote down is counted', async () => {
    await bench.reset(segmentOf('buyers', { performed: 'Ordered' }));
    await bench.hear(did('Seen', just - HOUR));
    bench.catalog.put(segmentOf('busy', busy, just));
    await bench.hear(did('Seen', just));
    await sentBehind(delivered('m1', just), delivered('m2', just));
    await bench.replica().clock.round(new Date(Date.now() + 5 * SECOND));
    expect(bench.told().at(-1)).toMatchObject({ entered: ['busy'], cause: { source: 'segments' } });
    expect(await differences(just + MINUTE)).toBe(0);
  });
});
