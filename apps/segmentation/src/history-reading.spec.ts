import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Condition } from '@tidings/contracts';
import { MOST_ACTIVE_DAYS } from '@tidings/profile';
import { HISTORY_DAYS } from './segmentation.schema.js';
import { at, benchOfSpec, DAY, did, HOUR, MINUTE, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();
beforeEach(() => bench.reset());

const thrice: Condition = { performed: 'Ordered', atLeast: 3 };
const arrived: Condition = { place: { entered: { latitude: 41.15, longitude: -8.61, km: 1 }, withinLast: '30d' } };
/** Something that was done before anybody knew by whom. */
const unknown = (name: string, afterMs: number): AcceptedEvent => did(name, afterMs, { profileId: 'anonymous:web', userId: null, anonymousId: 'web' });
const identify = (afterMs: number, change: Partial<AcceptedEvent> = {}): AcceptedEvent => did('identify', afterMs, { type: 'identify', ...change });
const wasAt = (latitude: number, afterMs: number): AcceptedEvent => identify(afterMs, { context: { location: { latitude, longitude: -8.61 } } });

const segmentsOfAnn = async () =>
  (await bench.db.rows<{ segments: readonly string[] }>(`select segments from segmentation.profile where profile_id = 'ann'`))[0]?.segments;

describe('what somebody did before a segment was published', () => {
  it.each<[string, Condition, readonly AcceptedEvent[]]>([
    ['on several days', thrice, [did('Ordered'), did('Ordered', 3 * DAY), did('Ordered', 40 * DAY)]],
    ['under an id that became theirs', thrice, [unknown('Ordered', 0), did('Ordered', DAY), identify(2 * DAY, { anonymousId: 'web' }), did('Ordered', 3 * DAY)]],
    ['under that id afterwards', thrice, [identify(0, { anonymousId: 'web' }), unknown('Ordered', DAY), unknown('Ordered', 2 * DAY), did('Ordered', 3 * DAY)]],
    ['before they were heard of otherwise', thrice, [unknown('Ordered', 0), unknown('Ordered', DAY), unknown('Ordered', 2 * DAY), identify(3 * DAY, { anonymousId: 'web' })]],
    ['by being somewhere, with nothing done that day', arrived, [wasAt(40, 30 * DAY), wasAt(41.15, 31 * DAY)]],
    ['and was heard late', thrice, [did('Ordered', 2 * DAY), did('Ordered', DAY), did('Ordered', 0, { receivedAt: at(3 * DAY).toISOString() })]],
  ])('is counted at their next event: %s', async (_, where, deeds) => {
    for (const deed of deeds) await bench.hear(deed);
    bench.catalog.put(segmentOf('asked', where, 41 * DAY));
    await bench.hear(did('Seen', 41 * DAY + MINUTE));
    expect(await segmentsOfAnn()).toEqual(['asked']);
  });

  it('is noted for longer than it is kept', () => {
    expect(MOST_ACTIVE_DAYS).toBeGreaterThan(HISTORY_DAYS + 1);
  });

  it('is counted also where it was written down without their row', async () => {
    await bench.hear(did('listing', HOUR, { type: 'listing', name: 'vip', properties: { listed: true } }));
    bench.catalog.put(segmentOf('asked', { listed: 'vip' }, DAY));
    await bench.hear(did('Seen', DAY + MINUTE));
    expect(await segmentsOfAnn()).toEqual(['asked']);
  });
});
