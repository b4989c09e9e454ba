import { durationMs, type ComputedTraitDefinition, type PerformedCondition } from '@tidings/contracts';
import { comparison, type Comparisons } from './comparison.js';
import { canonicalWhere, everGrain, keyOf } from './counter-key.js';
import { windowed } from './performed-questions.js';
import type { FirstsQuestion, FrequentQuestion, ToldQuestion, ValueTurns } from './question.js';
import { timedOf } from './timed.js';

type Told = Pick<ToldQuestion, 'of' | 'property'>;

const letters = { first: 'a', last: 'z' } as const;

/** The question for the value that a property had first ever, or last. What is kept is the same for all windows. */
export function toldQuestion(
  { performed, where, withinLast }: ComputedTraitDefinition,
  { of, property }: Told,
  given: Comparisons,
): ToldQuestion {
  return {
    kind: 'told',
    key: keyOf(letters[of], everGrain, performed, [property, canonicalWhere(where)]),
    counted: { heard: 'performed', name: performed, where, from: -Infinity, until: Infinity },
    property,
    of,
    windowMs: withinLast === undefined ? null : durationMs(withinLast),
    turns: turnsOf(given),
  };
}

/** The question for the value that a property had first, ever or in a window. */
export function firstQuestion(trait: ComputedTraitDefinition, property: string, given: Comparisons): ToldQuestion | FirstsQuestion {
  if (trait.withinLast === undefined) return toldQuestion(trait, { of: 'first', property }, given);
  return { kind: 'firsts', ...askedOf(property, given), ...windowed(performedBy(trait), letters.first, property) };
}

/** The question for the value that a property had most often. */
export function frequentQuestion(trait: ComputedTraitDefinition, property: string, given: Comparisons): FrequentQuestion {
  return { kind: 'frequent', ...askedOf(property, given), ...windowed(performedBy(trait), 'f', property) };
}

const performedBy = ({ performed, where, withinLast }: ComputedTraitDefinition): PerformedCondition => ({
  performed,
  ...(where && { where }),
  ...(withinLast !== undefined && { withinLast }),
});

const askedOf = (property: string, given: Comparisons) => ({ property, holds: comparison(given), turns: turnsOf(given) });

/** A value may be a date, and of dates time alone changes what holds. */
function turnsOf(given: Comparisons): ValueTurns | null {
  const timed = timedOf(given);
  if (timed.length === 0) return null;
  return (value, at) => {
    const moments = timed.flatMap((each) => each.turns(value, at) ?? []);
    return moments.length === 0 ? null : Math.min(...moments);
  };
}
