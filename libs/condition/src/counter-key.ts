import { durationMs, type MessageCondition, type PerformedCondition, type PropertyCondition } from '@tidings/contracts';
import { digest } from './digest.js';

/** How finely a window moves; `ever` has no window. */
export type Granularity = 'minute' | 'hour' | 'day' | 'ever';

/** How windows are kept: those that are kept alike share a counter. */
export interface Grain {
  readonly granularity: Granularity;
  /** The longest of the windows that are kept alike, in ms; Infinity where there is no window. */
  readonly reachMs: number;
}

/** What is kept of all time. */
export const everGrain: Grain = { granularity: 'ever', reachMs: Infinity };

const DAY = 86_400_000;
const QUARTER = 90 * DAY;
/** As long as history reaches; of longer windows, those of up to twice as long are kept alike, and so on. */
const YEAR = 400 * DAY;

/** Windows up to a day move by the minute, up to 90 days by the hour, longer ones by the day. */
export function grainOf({ withinLast }: PerformedCondition | MessageCondition): Grain {
  if (withinLast === undefined) return everGrain;
  const windowMs = durationMs(withinLast);
  if (windowMs <= DAY) return { granularity: 'minute', reachMs: DAY };
  if (windowMs <= QUARTER) return { granularity: 'hour', reachMs: QUARTER };
  let reachMs = YEAR;
  while (reachMs < windowMs) reachMs *= 2;
  return { granularity: 'day', reachMs };
}

const prefixes: Readonly<Record<Granularity, string>> = { minute: 'm', hour: 'h', day: 'd', ever: 'e' };

const prefixOf = ({ granularity, reachMs }: Grain): string =>
  granularity === 'day' && reachMs > YEAR ? `d${reachMs / YEAR}` : prefixes[granularity];

/**
 * Names the counter of how often something was done, the same in every process and release. Conditions that count the same
 * events with windows that are kept alike share one, whatever their windows and thresholds.
 */
export function counterKey(condition: PerformedCondition): string {
  const named = `${prefixOf(grainOf(condition))}:${condition.performed}`;
  return condition.where === undefined ? named : `${named}#${digest(canonicalWhere(condition.where))}`;
}

/** Names a counter of another kind: all that it counts by is in `parts`, and its letter tells its kind. */
export const keyOf = (letter: string, grain: Grain, name: string, parts: readonly unknown[]): string =>
  `${prefixOf(grain)}${letter}:${name}#${digest(JSON.stringify(parts))}`;

/** The order in which conditions and their comparisons are written does not matter, so it is not told apart. */
export function canonicalWhere(where: readonly PropertyCondition[] | undefined): string {
  return (where ?? []).map(canonical).toSorted().join();
}

/** A leaf as a text in which the order of its fields does not matter. */
export const canonical = (leaf: object): string =>
  JSON.stringify(Object.entries(leaf).toSorted(([a], [b]) => (a < b ? -1 : 1)));
