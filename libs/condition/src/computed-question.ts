import { durationMs, type ComputedTraitDefinition } from '@tidings/contracts';
import { comparison, type Comparisons } from './comparison.js';
import { canonicalWhere, everGrain, keyOf } from './counter-key.js';
import { aggregateNames, performedQuestion } from './performed-questions.js';
import type {
  CountQuestion,
  DistinctQuestion,
  FirstsQuestion,
  FrequentQuestion,
  NumberQuestion,
  StreakQuestion,
  TimesQuestion,
  ToldQuestion,
} from './question.js';
import { firstQuestion, frequentQuestion, toldQuestion } from './value-questions.js';

/** Computed traits by their ids. */
export type ComputedTraits = ReadonlyMap<string, ComputedTraitDefinition>;

/** The question of a computed trait; `windowMs` is null where it looks at all time. */
export type ComputedQuestion =
  | CountQuestion
  | NumberQuestion
  | DistinctQuestion
  | ToldQuestion
  | FrequentQuestion
  | FirstsQuestion
  | StreakQuestion
  | (TimesQuestion & { readonly windowMs: number | null });

const DAY = 86_400_000;
/** As far as a window can be written down; a moment beyond has no room where moments are kept. */
const MAX_DAYS = 6_999_993;

/**
 * What must be kept of what was done to know a computed trait, and the moments at which time alone may change whether it
 * compares as given. The same events with the same windows are kept once, for conditions and computed traits alike.
 */
export function computedQuestion(trait: ComputedTraitDefinition, given: Comparisons = {}): ComputedQuestion {
  const { first, last, mostFrequent } = trait;
  if (first !== undefined) return firstQuestion(trait, first, given);
  if (last !== undefined) return toldQuestion(trait, { of: 'last', property: last }, given);
  if (mostFrequent !== undefined) return frequentQuestion(trait, mostFrequent, given);
  if (trait.daysSince !== undefined) return daysQuestion(trait, given);
  return trait.streak === undefined ? amountQuestion(trait, holder(given)) : streakQuestion(trait, holder(given));
}

function amountQuestion(trait: ComputedTraitDefinition, holds: (value: number | undefined) => boolean): ComputedQuestion {
  const { performed, where, withinLast, distinct } = trait;
  const asked = { performed, ...(where && { where }), ...(withinLast !== undefined && { withinLast }) };
  const of = aggregateNames.find((name) => trait[name] !== undefined);
  const question = performedQuestion({
    ...asked,
    ...(of !== undefined && { [of]: trait[of] }),
    ...(distinct !== undefined && { distinct }),
  });
  if (question.kind === 'times') return { ...question, windowMs: null };
  return question.kind === 'count' ? { ...question, thresholds: [], holds } : { ...question, holds };
}

function daysQuestion({ performed, where, withinLast }: ComputedTraitDefinition, given: Comparisons): ComputedQuestion {
  const question = performedQuestion({ performed, ...(where && { where }), lastTime: {} });
  if (question.kind !== 'times') throw new Error('a last time is a question of times');
  const windowMs = withinLast === undefined ? null : durationMs(withinLast);
  const turns = boundsOf(given)
    .map((days) => days * DAY)
    .filter((afterMs) => windowMs === null || afterMs < windowMs);
  return {
    ...question,
    windowMs,
    turns: [...turns, ...(windowMs === null ? [] : [windowMs])].map((afterMs) => ({ of: 'last', afterMs })),
  };
}

/** What is kept of a streak is the same for every zone, and however many days are forgiven. */
function streakQuestion(
  { performed, where, freezeDays = 0 }: ComputedTraitDefinition,
  holds: (days: number) => boolean,
): StreakQuestion {
  const counted = { heard: 'performed', name: performed, where, from: -Infinity, until: Infinity } as const;
  return {
    kind: 'streak',
    key: keyOf('s', everGrain, performed, [canonicalWhere(where)]),
    counted,
    freezeDays,
    holds,
  };
}

/** The whole numbers at which a number that rises one by one may begin or cease to compare as given. */
function boundsOf({ equals, notEquals, oneOf = [], between = [], ...given }: Comparisons): number[] {
  const { greaterThan, lessThan, atLeast, atMost } = given;
  const all = [equals, notEquals, ...oneOf, ...between, greaterThan, lessThan, atLeast, atMost];
  const numbers = all.filter((bound) => typeof bound === 'number');
  const steps = numbers.flatMap((bound) => [Math.ceil(bound), Math.floor(bound) + 1]);
  return [...new Set(steps)].filter((step) => step > 0 && step <= MAX_DAYS);
}

/** What is worked out here is a number, and numbers compare the same whatever the time. */
function holder(given: Comparisons): (value: number | undefined) => boolean {
  const holds = comparison(given);
  return (value) => holds(value, { now: 0, timezone: null });
}
