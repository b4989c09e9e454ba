import type { Occurrence } from './index.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** How finely a window moves. */
const stepOf = (windowMs: number): number => (windowMs <= DAY ? MINUTE : windowMs <= 90 * DAY ? 60 * MINUTE : DAY);

/** What was done so recently; all of it where there is no window. */
export const inWindow = (all: readonly Occurrence[], windowMs: number | null, now: number): readonly Occurrence[] =>
  all.filter(({ at }) => windowMs === null || at + windowMs > now);

/** The same with what was done in the same minute, hour or day as any of it. */
export function withTheirStep(all: readonly Occurrence[], windowMs: number | null, now: number): readonly Occurrence[] {
  if (windowMs === null) return all;
  const steps = new Set(inWindow(all, windowMs, now).map(({ at }) => Math.floor(at / stepOf(windowMs))));
  return all.filter(({ at }) => steps.has(Math.floor(at / stepOf(windowMs))));
}
