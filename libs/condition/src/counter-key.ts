import { durationMs, type MessageCondition, type PerformedCondition, type PropertyCondition } from '@tidings/contracts';
import { digest } from './digest.js';

/** How finely a window moves; `ever` has no window. */
export type Granularity = 'minute' | 'hour' | 'day' | 'ever';

const DAY = 86_400_000;

/** Windows up to a day move by the minute, up to 90 days by the hour, longer ones by the day. */
export function granularityOf({ withinLast }: PerformedCondition | MessageCondition): Granularity {
  if (withinLast === undefined) return 'ever';
  const windowMs = durationMs(withinLast);
  if (windowMs <= DAY) return 'minute';
  return windowMs <= 90 * DAY ? 'hour' : 'day';
}

const prefixes: Readonly<Record<Granularity, string>> = { minute: 'm', hour: 'h', day: 'd', ever: 'e' };

/**
 * Names the counter of how often something was done, the same in every process and release. Conditions that count the same
 * events with windows of the same granularity share one, whatever their windows and thresholds.
 */
export function counterKey(condition: PerformedCondition): string {
  const named = `${prefixes[granularityOf(condition)]}:${condition.performed}`;
  return condition.where === undefined ? named : `${named}#${digest(canonicalWhere(condition.where))}`;
}

/** Names a counter of another kind: all that it counts by is in `parts`, and its letter tells its kind. */
export const keyOf = (letter: string, granularity: Granularity, name: string, parts: readonly unknown[]): string =>
  `${prefixes[granularity]}${letter}:${name}#${digest(JSON.stringify(parts))}`;

/** The order in which conditions and their comparisons are written does not matter, so it is not told apart. */
export function canonicalWhere(where: readonly PropertyCondition[] | undefined): string {
  return (where ?? []).map(canonical).toSorted().join();
}

/** A leaf as a text in which the order of its fields does not matter. */
export const canonical = (leaf: object): string =>
  JSON.stringify(Object.entries(leaf).toSorted(([a], [b]) => (a < b ? -1 : 1)));
