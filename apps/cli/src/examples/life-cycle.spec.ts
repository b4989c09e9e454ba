import { beforeAll, expect, it } from '@jest/globals';
import type { Segments } from '@tidings/segment';
import fc from 'fast-check';
import { did, inForce, instant, readExample, Story } from './story.fixture.js';

const DAY = 86_400_000;

let segments: Segments;
beforeAll(async () => {
  segments = inForce(await readExample('shop'));
});

/** The stage of a customer by plain arithmetic over the moments of all orders, the oldest first. */
function stageOf(orders: readonly number[], now: number): string {
  const first = orders[0];
  const last = orders.at(-1);
  if (first === undefined || last === undefined) return 'stage-prospect';
  if (now - last >= 60 * DAY) return 'stage-lapsed';
  if (now - last >= 30 * DAY) return 'stage-at-risk';
  if (now - first < 14 * DAY) return 'stage-new';
  const before = orders.at(-2);
  return before !== undefined && last - before > 60 * DAY ? 'stage-won-back' : 'stage-active';
}

const stagesIn = (memberships: readonly string[]): readonly string[] => memberships.filter((id) => id.startsWith('stage-'));

/** Random days, and often the very moment at which a stage ends, or a millisecond beside it. */
const gap = fc.oneof(
  fc.integer({ min: 0, max: 3 * DAY }),
  fc.integer({ min: 0, max: 100 * DAY }),
  fc.tuple(fc.constantFrom(14, 16, 30, 60, 61), fc.constantFrom(-1, 0, 1)).map(([days, beside]) => days * DAY + beside),
);
const step = fc.record({
  gap,
  what: fc.constantFrom('order', 'order', 'late order', 'visit', 'nothing'),
  lateBy: gap,
});

it('everybody is in exactly one stage of the life cycle at every moment, and it is the right one', () => {
  const met = new Map<string, number>();
  const live = (steps: readonly { gap: number; what: string; lateBy: number }[]) => {
    const story = new Story(segments);
    let now = instant('01-01');
    const orders: number[] = [];
    const compare = (memberships: readonly string[], at: number) => {
      const stage = stageOf([...new Set(orders)].toSorted((a, b) => a - b), at);
      met.set(stage, (met.get(stage) ?? 0) + 1);
      expect(stagesIn(memberships)).toEqual([stage]);
    };
    story.hear(now, did('Signed Up'));
    for (const { gap, what, lateBy } of steps) {
      now += gap;
      story.until(now);
      // Every moment at which time alone changed something, on the way there.
      for (const { at, after } of story.byTimeAlone.splice(0)) compare(after, at);
      const late = what === 'late order' ? lateBy : 0;
      if (what.endsWith('order')) orders.push(now - late);
      if (what !== 'nothing') story.hear(now, did(what === 'visit' ? 'Product Viewed' : 'Order Completed', { total: 10 }), late);
      compare(story.memberships, now);
    }
  };
  fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), live), { numRuns: 300 });
  // The lives are worth something only if all stages came up in them.
  expect([...met.keys()].toSorted()).toEqual([...segments.all.map(({ id }) => id)].filter((id) => id.startsWith('stage-')).toSorted());
}, 60_000);
