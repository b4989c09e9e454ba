import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { apply } from './commands/apply.js';
import { showProgress, watched, type SegmentProgress } from './commands/segment-progress.js';
import { terminalOfSpec } from './terminal.fixture.js';
import { CommandFailed } from './usage-error.js';

const published = '2026-03-02T12:00:00.000Z';
const begun = '2026-03-02T12:00:01.000Z';
const later = '2026-03-02T12:10:00.000Z';

const progress = (state: SegmentProgress['state'], change: Partial<SegmentProgress> = {}): SegmentProgress => ({
  state,
  publishedAt: published,
  changed: [],
  profiles: { done: 40_000, of: 100_000, method: 'estimated' },
  share: 0.4,
  perSecond: null,
  startedAt: begun,
  steppedAt: begun,
  toldAt: null,
  expectedAt: null,
  left: 0,
  last: null,
  ...change,
});
const told = (change: Partial<SegmentProgress> = {}) =>
  progress('checking', { profiles: { done: 100_000, of: 100_000, method: 'exact' }, share: 1, perSecond: 5_000, toldAt: '2026-03-02T12:00:21.000Z', ...change });

/** An installation that gives one answer after the other, the last again and again. */
const apiOf = (...answers: readonly (SegmentProgress | Error)[]) => {
  const left = [...answers];
  return {
    get: <T>(): Promise<T> => {
      const answer = left.length > 1 ? left.shift() : left[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
    },
  };
};

describe('tidings segments progress', () => {
  const terminal = terminalOfSpec();
  const shownOf = async (answer: SegmentProgress): Promise<string> => {
    await showProgress(apiOf(answer), {});
    return terminal.printed;
  };

  const rows: readonly (readonly [string, SegmentProgress, string])[] = [
    ['what is not begun yet', progress('waiting', { profiles: null, share: 0, startedAt: null }), `waiting: published, and not begun yet\npublished ${published}\n`],
    ['how far it is', progress('computing', { perSecond: 5_000 }), `computing: 40,000 of about 100,000 profiles (40 %), 5,000 profiles/s\npublished ${published}, begun ${begun}\n`],
    ['that nobody goes forward', progress('computing', { left: 12 }), `computing: 40,000 of about 100,000 profiles (40 %), which stands still; 12 were left for later\npublished ${published}, begun ${begun}\n`],
    ['that all were told', told(), `all 100,000 profiles were told in 20 s; newcomers of the meantime are looked for\npublished ${published}, begun ${begun}\n`],
    ['the end, and whom it did not reach', told({ state: 'done', left: 3 }), `done: 100,000 profiles in 20 s, published ${published}; 3 were not told yet\n`],
    ['that there is nothing', progress('done', { publishedAt: null }), 'no segment was ever published\n'],
  ];
  it.each(rows)('says %s', async (_what, answer, text) => {
    expect(await shownOf(answer)).toBe(text);
  });

  it('names what was published, and what came before', async () => {
    const changed = [{ kind: 'segment', id: 'buyers', version: 2, status: 'published' }, { kind: 'computed-trait', id: 'orders', version: 3, status: 'archived' }]; // prettier-ignore
    const last = { publishedAt: published, startedAt: begun, toldAt: later, profiles: 7, left: 0 };
    expect(await shownOf(told({ state: 'done', changed, last }))).toContain(`    segment buyers, version 2\n    computed-trait orders, version 3, archived\nbefore that: 7 profiles in 10 min, published ${published}\n`);
  });

  it('prints JSON for machines', async () => {
    await showProgress(apiOf(told()), { json: true });
    expect(JSON.parse(terminal.printed)).toEqual(told());
  });
});

describe('waiting until everybody was told', () => {
  const terminal = terminalOfSpec();
  let shown = '';
  beforeEach(() => {
    shown = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
  });
  const fast = { everyMs: 1, patienceMs: 2_000 };

  it('ends when all were told, and nobody was left for later', async () => {
    expect(await watched(apiOf(progress('waiting', { profiles: null }), progress('computing'), told()), fast)).toEqual(told());
  });

  it('ends with the second look where somebody was left, and fails where it did not reach them either', async () => {
    const checked = told({ left: 5 });
    const reached = told({ state: 'done' });
    expect(await watched(apiOf(progress('computing', { left: 5 }), checked, reached), fast)).toEqual(reached);
    await expect(watched(apiOf(checked, told({ state: 'done', left: 2 })), fast)).rejects.toThrow('2 profiles were not told yet');
  });

  it('waits for what it is asked for, not for what was published before', async () => {
    const newer = told({ publishedAt: later });
    expect(await watched(apiOf(told({ state: 'done' }), told({ state: 'done' }), newer), { ...fast, since: later })).toEqual(newer);
  });

  it('waits out that nobody answers, and nothing that will not pass', async () => {
    expect(await watched(apiOf(new CommandFailed('no answer'), new CommandFailed('busy', 503), told()), fast)).toEqual(told());
    await expect(watched(apiOf(new CommandFailed('no such key', 401)), fast)).rejects.toThrow('no such key');
    await expect(watched(apiOf(new CommandFailed('no answer')), { everyMs: 1, patienceMs: 20 })).rejects.toThrow('no answer');
  });

  it('gives up when nobody goes forward, and not while somebody does', async () => {
    await expect(watched(apiOf(progress('computing')), { everyMs: 1, patienceMs: 20 })).rejects.toThrow('nobody goes on');
    const steps = Array.from({ length: 20 }, (_none, n) => progress('computing', { steppedAt: new Date(n).toISOString() }));
    expect(await watched(apiOf(...steps, told()), { everyMs: 10, patienceMs: 100 })).toEqual(told());
  });

  it('draws a bar on a terminal', async () => {
    const { isTTY } = process.stderr;
    process.stderr.isTTY = true;
    await watched(apiOf(progress('computing', { expectedAt: new Date(Date.now() + 59_900).toISOString() }), told()), fast);
    process.stderr.isTTY = isTTY;
    expect(shown).toMatch(/\[#{10}\.{14}]  40 % {2}40,000 profiles .*60 s left/);
    expect(shown).toContain(`[${'#'.repeat(24)}] 100 %  100,000 profiles`);
  });

  it('is what `apply --wait` does with what it published', async () => {
    const { folder } = terminal;
    mkdirSync(join(folder, 'segments'));
    writeFileSync(join(folder, 'segments', 'buyers.yaml'), 'where:\n  performed: Ordered\n');
    const changes = [{ kind: 'segment', id: 'buyers', change: 'created', version: 1 }];
    const applying = (...answers: readonly SegmentProgress[]) => ({
      ...apiOf(...answers),
      list: <T>(): Promise<T[]> => Promise.resolve([]),
      send: <T>(): Promise<T> => Promise.resolve({ changes, applied: true, publishedAt: later } as T),
    });
    const options = { wait: true, ...fast };
    await apply(applying(told({ state: 'done' }), told({ publishedAt: later })), folder, options);
    expect(terminal.printed).toBe('+ segment buyers created, version 1\n1 changed, 0 unchanged\n100,000 profiles were told\n');
    await expect(apply(applying(told({ publishedAt: later, state: 'done', left: 1 })), folder, options)).rejects.toThrow('1 profiles were not told');
  });
});
