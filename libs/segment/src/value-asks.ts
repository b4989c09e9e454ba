import type { At, FrequentQuestion } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import { isInWindow, leavesAt } from './buckets.js';

/** What some condition asks of a value that a window has. */
export type ValueAsk = Pick<FrequentQuestion, 'windowMs' | 'holds' | 'turns'>;

/** What leaves windows, the oldest first: the last moment of each, and the value that it and all that follow come to. */
export interface Leaving {
  readonly lasts: readonly number[];
  readonly values: readonly (ComputedValue | undefined)[];
}

/** The next moment at which time alone changes an answer; null when it never does. */
export function flipOfValues(leaving: Leaving, asks: readonly ValueAsk[], when: At): number | null {
  const flips = asks.flatMap((ask) => flipsOf(leaving, ask, when));
  return flips.length === 0 ? null : Math.min(...flips);
}

/** When so much has left that the answer is another; and where the value is a date, when time has come up to it. */
function flipsOf({ lasts, values }: Leaving, { windowMs, holds, turns }: ValueAsk, when: At): number[] {
  const first = lasts.findIndex((last) => isInWindow(last, windowMs, when.now));
  if (first < 0) return [];
  const current = values[first];
  const held = holds(current, when);
  const differs = (value: ComputedValue | undefined) => value !== current && (turns !== null || holds(value, when) !== held);
  const turning = lasts.findIndex(
    (last, index) => index >= first && differs(values[index + 1]) && lasts[index + 1] !== last,
  );
  const left = lasts[turning];
  const turnsAt = turns?.(current, when) ?? null;
  const leaving = left === undefined || windowMs === null ? [] : [leavesAt(left, windowMs)];
  return turnsAt === null ? leaving : [...leaving, turnsAt];
}
