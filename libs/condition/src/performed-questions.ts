import { durationMs, type NumberComparisons, type PerformedCondition, type TimeComparisons } from '@tidings/contracts';
import { comparison } from './comparison.js';
import { canonicalWhere, counterKey, everGrain, grainOf, keyOf } from './counter-key.js';
import { spanOf } from './moment.js';
import type { Counted, CountQuestion, DistinctQuestion, NumberQuestion, TimesQuestion } from './question.js';
import type { Aggregate } from './subject.js';

/** What one `performed` asks. */
export type PerformedQuestion = CountQuestion | NumberQuestion | DistinctQuestion | TimesQuestion;

/** The names of what a property can come to. */
export const aggregateNames = ['sum', 'average', 'minimum', 'maximum'] as const satisfies readonly Aggregate[];

/** The question of a `performed` that was parsed: how often, what a property comes to, or when. */
export function performedQuestion(condition: PerformedCondition): PerformedQuestion {
  const { distinct, value = {} } = condition;
  if (condition.firstTime !== undefined || condition.lastTime !== undefined) return timesQuestion(condition);
  if (distinct !== undefined)
    return { kind: 'distinct', property: distinct, holds: holder(value), ...windowed(condition, 'v', distinct) };
  const of = aggregateNames.find((name) => condition[name] !== undefined);
  const property = of && condition[of];
  if (of === undefined || property === undefined) return countQuestion(condition);
  return { kind: 'number', property, of, holds: holder(value), ...windowed(condition, 'n', property) };
}

/** What a count can be asked for. */
export type Counts = Pick<PerformedCondition, 'atLeast' | 'atMost' | 'exactly' | 'never'>;

/** Whether a count is what was asked for: at least one when nothing was. */
export function countHolds({ atLeast, atMost, exactly, never }: Counts): (count: number) => boolean {
  if (never === true) return (count) => count === 0;
  if (exactly !== undefined) return (count) => count === exactly;
  const least = atLeast ?? (atMost === undefined ? 1 : 0);
  const most = atMost ?? Infinity;
  return (count) => count >= least && count <= most;
}

function countQuestion(condition: PerformedCondition): CountQuestion {
  const { atLeast, atMost, exactly, never } = condition;
  const thresholds =
    never === true
      ? [1]
      : exactly !== undefined
        ? [exactly, exactly + 1]
        : [atLeast ?? (atMost === undefined ? 1 : 0), ...(atMost === undefined ? [] : [atMost + 1])];
  const { key, ...rest } = windowed(condition, 'r', '');
  // Counters without a range were kept before there were ranges: their names stay.
  const isRanged = condition.since !== undefined || condition.between !== undefined;
  return {
    kind: 'count',
    key: isRanged ? key : counterKey(condition),
    thresholds: thresholds.filter((threshold) => threshold > 0),
    ...rest,
  };
}

/** What all questions have that count what a `performed` counts, within its window: the key by a letter for what is kept of it. */
export function windowed(condition: PerformedCondition, letter: string, property: string) {
  const { performed, withinLast, where } = condition;
  const grain = grainOf(condition);
  const counted = countedBy(condition);
  const parts = [property, canonicalWhere(where), counted.from, counted.until];
  const windowMs = withinLast === undefined ? null : durationMs(withinLast);
  return { key: keyOf(letter, grain, performed, parts), counted, ...grain, windowMs };
}

/** Dates of a range begin in UTC: a counter is one for all zones. */
function countedBy({ performed, where, since, between: [first, last] = [] }: PerformedCondition): Counted {
  const from = spanOf(since ?? first, null)?.from ?? -Infinity;
  const until = spanOf(last, null)?.until ?? Infinity;
  return { heard: 'performed', name: performed, where, from, until };
}

const holder = (value: NumberComparisons): ((value: number | undefined) => boolean) => {
  const holds = comparison(value);
  return (number) => holds(number, { now: 0, timezone: null });
};

function timesQuestion(condition: PerformedCondition): TimesQuestion {
  const { performed, where, firstTime, lastTime } = condition;
  const turn = (of: 'first' | 'last', asked: TimeComparisons | undefined) =>
    asked?.withinLast === undefined ? [] : [{ of, afterMs: durationMs(asked.withinLast) }];
  return {
    kind: 'times',
    key: keyOf('t', everGrain, performed, [canonicalWhere(where)]),
    counted: countedBy(condition),
    turns: [...turn('first', firstTime), ...turn('last', lastTime)],
  };
}
