import { durationMs, type PerformedCondition } from '@tidings/contracts';
import { digest } from './digest.js';

/** How finely a window moves; `ever` has no window. */
export type Granularity = 'minute' | 'hour' | 'day' | 'ever';

const DAY = 86_400_000;

/** Windows up to a day move by the minute, up to 90 days by the hour, longer ones by the day. */
export function granularityOf({ withinLast }: PerformedCondition): Granularity {
  if (withinLast === undefined) return 'ever';
  const windowMs = durationMs(withinLast);
  if (windowMs <= DAY) return 'minute';
  return windowMs <= 90 * DAY ? 'hour' : 'day';
}

const prefixes: Readonly<Record<Granularity, string>> = { minute: 'm', hour: 'h', day: 'd', ever: 'e' };

/**
 * Names the counter that answers a condition, the same in every process and release. Conditions that count the same
 * events with windows of the same granularity share one, whatever their windows and thresholds.
 */
export function counterKey(condition: PerformedCondition): string {
  const named = `${prefixes[granularityOf(condition)]}:${condition.performed}`;
  return condition.where === undefined ? named : `${named}#${digest(canonicalWhere(condition.where))}`;
}

/** The order in which conditions and their comparisons are written does not matter, so it is not told apart. */
function canonicalWhere(where: NonNullable<PerformedCondition['where']>): string {
  const texts = where.map((condition) =>
    JSON.stringify(Object.entries(condition).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
  return texts.toSorted().join();
}
