import { describe, expect, it } from '@jest/globals';
import type { DefinitionRecord } from '@tidings/contracts';
import { advanced, begun, endedOf, type Progress } from './backfill-progress.js';
import { shownBackfill, type ShownBackfill } from './shown-backfill.js';

const noon = Date.parse('2026-03-02T12:00:00.000Z');
const news = { revision: 'new', publishedAt: noon };
const total = { profiles: 100, method: 'estimated' as const };
const step = (last: string | null, passed = 10, left = 0) => ({ last, passed, left });
const pauseMs = 30_000;
/** So many steps of ten, a second apart. */
const after = (steps: number, from: Progress = begun(news, total, null, noon)): Progress =>
  Array.from({ length: steps }).reduce<Progress>((progress, _none, n) => advanced(progress, step(`p${n}`), from.stepped_at + (n + 1) * 1_000, pauseMs), from);
const over = (progress: Progress, ms = 1_000): Progress => advanced(progress, step(null, 0), progress.stepped_at + ms, pauseMs);

const segment = (id: string, publishedAt: number): DefinitionRecord => ({
  v: 1, workspace: 'demo', kind: 'segment', id, version: 1, status: 'published', publishedAt: new Date(publishedAt).toISOString(), body: { id, where: { trait: 'plan', exists: true } },
}); // prettier-ignore
const shown = (progress: Progress | null, heard = news, now = noon + 60_000): ShownBackfill => shownBackfill(progress, { news: heard, records: [] }, now);

describe('the progress of a backfill', () => {
  it('goes through two passes, a pause between them', () => {
    const first = after(3);
    expect(first).toMatchObject({ pass: 1, cursor: 'p2', told: 30, told_at: null, stepped_at: noon + 3_000 });
    const second = over(first);
    expect(second).toMatchObject({ pass: 2, cursor: '', told: 30, told_at: noon + 4_000, next_at: noon + 4_000 + pauseMs, ended_at: null });
    expect(over(after(2, second))).toMatchObject({ pass: 3, told: 30, told_at: noon + 4_000, ended_at: noon + 7_000, next_at: 0 });
  });

  it('counts whom it left to the clock, and in the second pass those who are left yet', () => {
    const first = over(advanced(after(1), step('p9', 10, 4), noon + 2_000, pauseMs));
    expect(first.left_over).toBe(4);
    const second = advanced(first, step('p3', 10, 0), noon + 40_000, pauseMs);
    expect(second.left_over).toBe(0);
    expect(over(advanced(second, step('p9', 10, 1), noon + 41_000, pauseMs)).left_over).toBe(1);
    expect(over(first).left_over).toBe(0);
  });

  it('has a rate in which the newest steps weigh most, and in which nobody was asleep', () => {
    expect(after(1).per_second).toBe(null);
    expect(after(5).per_second).toBeCloseTo(10);
    const faster = advanced(after(5), step('p9', 100), noon + 6_000, pauseMs).per_second ?? 0;
    expect([faster > 10, faster < 100]).toEqual([true, true]);
    expect(advanced(after(5), step('p9', 100), noon + 600_000, pauseMs).per_second).toBeCloseTo(10);
    expect(over(after(5), 0).per_second).toBeCloseTo(10);
  });

  it('keeps the last that came to its end, also when one after it did not', () => {
    const ended = over(over(after(2)));
    expect(endedOf(ended)).toMatchObject({ publishedAt: noon, begunAt: noon, toldAt: noon + 3_000, endedAt: noon + 4_000, profiles: 20, left: 0 });
    const broken = begun({ revision: 'newer', publishedAt: noon + 1 }, total, ended, noon + 9_000);
    expect(broken.last).toEqual(endedOf(ended));
    expect(endedOf(broken)).toBe(null);
    expect(begun({ revision: 'newest', publishedAt: noon + 2 }, total, broken, noon + 9_500).last).toEqual(endedOf(ended));
  });
});

describe('what is shown of a backfill', () => {
  const ended = over(over(after(10)));
  const rows: readonly (readonly [string, ShownBackfill, Partial<ShownBackfill>])[] = [
    ['nothing was ever published', shown(null, { revision: '', publishedAt: 0 }), { state: 'waiting', publishedAt: null, last: null }],
    ['published, not begun', shown(null), { state: 'waiting', profiles: null, share: 0, publishedAt: '2026-03-02T12:00:00.000Z' }],
    ['published again, not begun', shown(ended, { revision: 'newer', publishedAt: noon + 90_000 }), { state: 'waiting', publishedAt: '2026-03-02T12:01:30.000Z', last: { publishedAt: '2026-03-02T12:00:00.000Z', startedAt: '2026-03-02T12:00:00.000Z', toldAt: '2026-03-02T12:00:11.000Z', finishedAt: '2026-03-02T12:00:12.000Z', profiles: 100, left: 0 } }],
    ['under way', shown(after(4), news, noon + 5_000), { state: 'computing', profiles: { done: 40, of: 100, method: 'estimated' }, share: 0.4, perSecond: 10, expectedAt: '2026-03-02T12:00:11.000Z', toldAt: null }],
    ['standing still', shown(after(4), news, noon + 120_000), { state: 'computing', perSecond: null, expectedAt: null, steppedAt: '2026-03-02T12:00:04.000Z' }],
    ['more than were thought to be there', shown(after(13), news, noon + 14_000), { share: 0.99, profiles: { done: 130, of: 130, method: 'estimated' }, expectedAt: '2026-03-02T12:00:14.000Z' }],
    ['all told', shown(over(after(10))), { state: 'checking', share: 1, profiles: { done: 100, of: 100, method: 'exact' }, perSecond: 9, toldAt: '2026-03-02T12:00:11.000Z', expectedAt: null, finishedAt: null }],
    ['done', shown(ended), { state: 'done', finishedAt: '2026-03-02T12:00:12.000Z', left: 0 }],
    ['begun by somebody who knows of newer segments than this process', shown(after(4, begun({ revision: 'newer', publishedAt: noon + 500 }, total, null, noon))), { state: 'computing', publishedAt: '2026-03-02T12:00:00.500Z' }],
    ['only the name is another', shown(ended, { revision: 'new', publishedAt: noon + 50_000 }), { state: 'done', publishedAt: '2026-03-02T12:00:50.000Z' }],
  ];
  it.each(rows)('%s', (_name, answer, expected) => {
    expect(answer).toMatchObject(expected);
  });

  it('names what was published since the last that came to its end, the newest first', () => {
    const second = begun({ revision: 'newer', publishedAt: noon + 2_000 }, total, ended, noon + 90_000);
    const records = [segment('before', noon), segment('b', noon + 2_000), segment('a', noon + 2_000), segment('first', noon + 1_000)];
    const { changed } = shownBackfill(second, { news: { revision: 'newer', publishedAt: noon + 2_000 }, records }, noon + 91_000);
    expect(changed.map(({ id }) => id)).toEqual(['a', 'b', 'first']);
  });

  it('names fifty at most', () => {
    const records = Array.from({ length: 60 }, (_none, n) => segment(`s${n}`, noon));
    expect(shownBackfill(null, { news, records }, noon).changed).toHaveLength(50);
  });
});
