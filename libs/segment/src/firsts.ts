import type { At, Grain } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import { bucketOf, isInWindow, reachOf, withinReach } from './buckets.js';
import { inValueOrder, keptValue } from './told-value.js';
import { flipOfValues, type ValueAsk } from './value-asks.js';

/** Texts of so many characters are kept; longer ones are passed over. */
const MAX_TEXT = 100;
/** So many minutes, hours or days are kept: the newest in which something was told. */
const MAX_STEPS = 1_000;

/** The value that was told first in one bucket, when that was, and when in the bucket any was told last, in ms. */
type Step = readonly [value: ComputedValue, first: number, last: number];

/** The value that a property had first in each bucket. */
export interface Firsts {
  /** The oldest bucket first. */
  readonly firsts: readonly Step[];
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What decides how first values are kept. */
export interface Opening extends Grain {
  readonly asks: readonly ValueAsk[];
}

/**
 * What is kept after something was told at `at`. What is no value, or a text that is too long, changes nothing. Of several at the first
 * moment of a bucket the least is first, in whatever order they come.
 */
export function opened(before: Firsts | undefined, how: Opening, given: unknown, at: number, when: At): Firsts | undefined {
  const value = keptValue(given, MAX_TEXT);
  if (value === undefined) return before;
  const steps = kept(before?.firsts ?? [], how, when.now);
  if (at >= reachOf(when.now, how)) add(steps, how, [value, at, at]);
  return settled(steps.length > MAX_STEPS ? steps.slice(-MAX_STEPS) : steps, how, when);
}

/** What is kept at a moment, without the buckets that no window will reach any more. */
export const agedFirsts = ({ firsts }: Firsts, how: Opening, when: At): Firsts => settled(kept(firsts, how, when.now), how, when);

/** The value that was told first in the window; undefined when nothing was told in it. */
export const firstIn = ({ firsts }: Firsts, windowMs: number | null, now: number): ComputedValue | undefined =>
  firsts.find(([, , last]) => isInWindow(last, windowMs, now))?.[0];

const kept = (steps: readonly Step[], grain: Grain, now: number): Step[] => withinReach(steps, grain, now, ([, , last]) => last);

/** Most belong to the newest bucket, so the place is looked for from the end. */
function add(steps: Step[], { granularity }: Grain, step: Step): void {
  const place = (other: Step): number => bucketOf(other[1], granularity) - bucketOf(step[1], granularity);
  let index = steps.length;
  while (index > 0 && place(steps[index - 1] ?? step) > 0) index--;
  const same = steps[index - 1];
  if (same !== undefined && place(same) === 0) steps[index - 1] = joined(same, step);
  else steps.splice(index, 0, step);
}

function joined(a: Step, b: Step): Step {
  const [value, first] = (a[1] - b[1] || inValueOrder(a[0], b[0])) <= 0 ? a : b;
  return [value, first, Math.max(a[2], b[2])];
}

/** A bucket that follows another one ends after it, so they leave in their order. */
function settled(firsts: readonly Step[], { asks }: Opening, when: At): Firsts {
  if (asks.length === 0) return { firsts, flipsAt: null };
  const leaving = { lasts: firsts.map(([, , last]) => last), values: firsts.map(([value]) => value) };
  return { firsts, flipsAt: flipOfValues(leaving, asks, when) };
}
