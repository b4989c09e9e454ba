import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKey } from '@tidings/service';
import { at, benchOfSpec, did, HOUR, MINUTE, SECOND, segmentOf } from './bench.fixture.js';
import { HttpOfSpec, keyRecord, type Answer } from './http.fixture.js';

const secrets = { read: newKey('secret'), other: newKey('secret'), write: newKey('secret') };
const bench = benchOfSpec();
let http: HttpOfSpec;

const people = 25;
const text = (afterMs: number): string => at(afterMs).toISOString();
const progress = (key = secrets.read): Promise<Answer> => http.get('segments/progress', key);
/** One step of ten profiles, by a replica of its own. */
const step = (afterMs: number, profiles = 10) => bench.replica().backfill.round(at(afterMs), profiles);
const publish = (id: string, afterMs: number) => bench.catalog.put(segmentOf(id, { performed: 'Seen' }, afterMs));

beforeAll(async () => {
  await bench.reset(keyRecord(secrets.read, ['read']), keyRecord(secrets.other, ['read'], 'other'), keyRecord(secrets.write, ['write']));
  await bench.hear(...Array.from({ length: people }, (_none, n) => did('Seen', 0, { profileId: `p${n}` })));
  await bench.hear(did('Seen', 0, { workspace: 'other', profileId: 'stranger' }));
  http = await HttpOfSpec.of(bench);
});
afterAll(() => http.close());

describe('GET /api/v1/segments/progress', () => {
  it('says that what was published waits, and what that is', async () => {
    publish('seen', HOUR);
    expect(await progress()).toMatchObject({ state: 'waiting', publishedAt: text(HOUR), changed: [{ kind: 'segment', id: 'seen', version: 1, status: 'published' }], profiles: null, last: null });
  });

  it('says how far it came, and goes on from there after a process died half way', async () => {
    await step(HOUR + SECOND);
    const first = await progress();
    expect(first).toMatchObject({ state: 'computing', profiles: { done: 10, of: people, method: 'exact' }, share: 0.4, startedAt: text(HOUR + SECOND), toldAt: null, left: 0 });
    await bench.backfillAndDie(HOUR + 2 * SECOND, 10);
    expect(await progress()).toEqual(first);
    await step(HOUR + 3 * SECOND);
    expect(await progress()).toMatchObject({ state: 'computing', profiles: { done: 20, of: people }, share: 0.8, startedAt: text(HOUR + SECOND), steppedAt: text(HOUR + 3 * SECOND) });
  });

  it('says when all were told, and when newcomers were looked for', async () => {
    await step(HOUR + 4 * SECOND);
    await step(HOUR + 5 * SECOND);
    expect(await progress()).toMatchObject({ state: 'checking', profiles: { done: people, of: people }, share: 1, toldAt: text(HOUR + 5 * SECOND), finishedAt: null });
    await step(HOUR + MINUTE, 100);
    await step(HOUR + MINUTE + SECOND, 100);
    expect(await progress()).toMatchObject({ state: 'done', finishedAt: text(HOUR + MINUTE + SECOND), left: 0 });
  });

  it('keeps the last that came to its end, while the next is under way and is published again', async () => {
    publish('again', 2 * HOUR);
    const last = { publishedAt: text(HOUR), startedAt: text(HOUR + SECOND), toldAt: text(HOUR + 5 * SECOND), finishedAt: text(HOUR + MINUTE + SECOND), profiles: people, left: 0 };
    expect(await progress()).toMatchObject({ state: 'waiting', changed: [{ id: 'again' }], last });
    await step(2 * HOUR);
    publish('once-more', 3 * HOUR);
    await step(3 * HOUR);
    expect(await progress()).toMatchObject({ state: 'computing', profiles: { done: 10 }, startedAt: text(3 * HOUR), changed: [{ id: 'once-more' }, { id: 'again' }], last });
  });

  it('counts those who wait for what is still on its way', async () => {
    bench.backlog.partitions = [{ partition: 0, until: at(0).getTime() }];
    await step(3 * HOUR + SECOND);
    bench.backlog.partitions = [];
    expect(await progress()).toMatchObject({ state: 'computing', profiles: { done: 20 }, left: 10 });
  });

  it('is a workspace’s own, and for keys that may read', async () => {
    expect(await progress(secrets.other)).toMatchObject({ changed: [], profiles: { done: 1, of: 1 } });
    expect((await http.ask('segments/progress', secrets.write)).status).toBe(403);
  });

  it('names no profile', async () => {
    expect(JSON.stringify(await progress())).not.toMatch(/"p\d+"/);
  });
});
