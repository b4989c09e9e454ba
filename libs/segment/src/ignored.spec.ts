import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ignored, ignoredIn, type Engagement, type Ignored, type Ignoring } from './ignored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const noon = Date.parse('2026-03-02T12:00:00Z');
const how = (most: Partial<Ignoring> = {}): Ignoring => ({
  afterMs: DAY,
  lastMs: Infinity,
  asks: [(count) => count >= 1],
  ...most,
});
const sent = (messageId: string, at = noon): Engagement => ({ kind: 'sent', messageId, at });
const engaged = (messageId: string, at: number): Engagement => ({ kind: 'engaged', messageId, at });
const after = (asked: Ignoring, of: readonly Engagement[], now = noon): Ignored | undefined =>
  of.reduce<Ignored | undefined>((kept, each) => ignored(kept, asked, each, now), undefined);

describe('messages that are ignored', () => {
  it.each<[string, readonly Engagement[], Partial<Ignoring>, readonly [number, number][], number | null]>([
    ['are so after a day', [sent('m')], {}, [[DAY - 1, 0], [DAY, 1], [400 * DAY, 1]], DAY],
    ['are so after another time', [sent('m')], { afterMs: HOUR }, [[HOUR - 1, 0], [HOUR, 1]], HOUR],
    ['are not those that were opened in time', [sent('m'), engaged('m', noon + HOUR)], {}, [[DAY, 0], [9 * DAY, 0]], null],
    ['are no longer those that were opened late', [sent('m'), engaged('m', noon + 3 * DAY)], {}, [[4 * DAY, 0]], null],
    ['are not those whose opening was told first', [engaged('m', noon), sent('m')], {}, [[DAY, 0]], null],
    ['are so until a window is over', [sent('m')], { lastMs: 7 * DAY }, [[DAY, 1], [7 * DAY - 1, 1], [7 * DAY, 0]], DAY],
    ['are counted one by one', [sent('a'), sent('b', noon + HOUR), sent('a')], {}, [[DAY, 1], [DAY + HOUR, 2]], DAY],
    ['wait until so many are', [sent('a'), sent('b', noon + HOUR)], { asks: [(count) => count >= 2] }, [[DAY, 1]], DAY + HOUR],
    ['count from the last time one was sent', [sent('a', noon + HOUR), sent('a')], {}, [[DAY, 0], [DAY + HOUR, 1]], DAY + HOUR],
    ['are none where nothing was sent', [engaged('m', noon)], {}, [[DAY, 0]], null],
  ])('%s', (_, told, most, counts, flipsAfter) => {
    const kept = after(how(most), told);
    for (const [afterMs, count] of counts) expect([afterMs, kept && ignoredIn(kept, how(most), noon + afterMs)]).toEqual([afterMs, count]);
    expect(kept?.flipsAt ?? null).toBe(flipsAfter === null ? null : noon + flipsAfter);
  }); // prettier-ignore

  it('are the thousand sent last, in whatever order they come', () => {
    const many = Array.from({ length: 1_030 }, (_, index) => [
      sent(`m${index}`, noon - (index % 7) * HOUR),
      ...(index % 3 === 0 ? [engaged(`m${index}`, noon + index)] : []),
    ]).flat();
    const kept = after(how(), many, noon + 2 * DAY);
    expect(Object.keys(kept?.sent ?? {})).toHaveLength(1_000);
    const orders = fc.shuffledSubarray(many, { minLength: many.length });
    fc.assert(
      fc.property(orders, (order) => expect(after(how(), order, noon + 2 * DAY)).toEqual(kept)),
      { numRuns: 1 },
    );
  }, 60_000);
});
