import {
  durationMs,
  type GroupCondition,
  type ListedCondition,
  type MessageCondition,
  type PropertyCondition,
  type SequenceCondition,
  type SequenceStep,
  type TraitCondition,
  type Values,
} from '@tidings/contracts';
import { canonical, canonicalWhere, everGrain, grainOf, keyOf } from './counter-key.js';
import { digest } from './digest.js';
import { valueAt } from './own-value.js';
import { countHolds } from './performed-questions.js';
import type { DistinctQuestion, IgnoredQuestion, ListedQuestion, MessageKind, SequenceQuestion, TraitQuestion } from './question.js';
import { timedOf, type At } from './timed.js';

/** The question of a `sequence`. What it keeps depends on its window, so no two windows share it. */
export function sequenceQuestion({ sequence, within, without = [], withinLast }: SequenceCondition): SequenceQuestion {
  const named = (steps: readonly SequenceStep[]) =>
    steps.map(({ performed, where }) => [performed, canonicalWhere(where)]);
  const withinMs = within === undefined ? Infinity : durationMs(within);
  const lastMs = withinLast === undefined ? Infinity : durationMs(withinLast);
  const parts = [named(sequence), named(without), withinMs, lastMs];
  const [first] = sequence;
  return {
    kind: 'sequence',
    key: keyOf('q', everGrain, first?.performed ?? '', parts),
    steps: sequence,
    without,
    withinMs,
    lastMs,
  };
}

/** The question of a `message`: of how many messages something is known. */
export const messageQuestion = (condition: MessageCondition): DistinctQuestion | IgnoredQuestion =>
  condition.message === 'ignored' ? ignoredQuestion(condition) : heardQuestion(condition, condition.message);

/** How long there is to open or click where nobody says. */
const usualAfter = '1d';

/** How long a message must have been sent to be ignored, in ms. */
export const ignoredAfterMs = ({ after = usualAfter }: MessageCondition): number => durationMs(after);

function heardQuestion(condition: MessageCondition, name: MessageKind): DistinctQuestion {
  const where = whereOf(condition);
  const grain = grainOf(condition);
  return {
    kind: 'distinct',
    key: keyOf('o', grain, name, [canonicalWhere(where)]),
    counted: { heard: 'message', name, where, from: -Infinity, until: Infinity },
    ...grain,
    windowMs: condition.withinLast === undefined ? null : durationMs(condition.withinLast),
    property: 'messageId',
    holds: countHolds(condition),
  };
}

/** What it keeps depends on both its times, so no two pairs of them share it. */
function ignoredQuestion(condition: MessageCondition): IgnoredQuestion {
  const where = whereOf(condition);
  const afterMs = ignoredAfterMs(condition);
  const lastMs = condition.withinLast === undefined ? Infinity : durationMs(condition.withinLast);
  const key = keyOf('i', everGrain, 'ignored', [canonicalWhere(where), afterMs, lastMs]);
  return { kind: 'ignored', key, where, afterMs, lastMs, holds: countHolds(condition) };
}

function whereOf({ journey, step, channel }: MessageCondition): PropertyCondition[] | undefined {
  const where = Object.entries({ journey, step, channel }).flatMap(([property, equals]) =>
    equals === undefined ? [] : [{ property, equals }],
  );
  return where.length === 0 ? undefined : where;
}

/** The question of a `listed`. */
export const listedQuestion = ({ listed }: ListedCondition): ListedQuestion => ({
  kind: 'listed',
  key: keyOf('l', everGrain, listed, []),
  list: listed,
});

/** The question of a `trait` that time alone changes; null when it does not. */
export function traitQuestion(condition: TraitCondition): TraitQuestion | null {
  const turns = turnsOf(condition);
  if (turns === null) return null;
  return {
    kind: 'trait',
    key: `c:${digest(canonical(condition))}`,
    trait: condition.trait,
    turns: ({ traits, timezone }, now) => earliest(turns(traits, { now, timezone })),
  };
}

/** The question of a `group` that time alone changes; null when it does not. The first of all moments of all groups. */
export function groupQuestion({ group: { where = [], ...first } }: GroupCondition): TraitQuestion | null {
  const asked = [first, ...where];
  const timed = asked.flatMap((each) => turnsOf(each) ?? []);
  if (timed.length === 0) return null;
  return {
    kind: 'trait',
    key: `g:${digest(asked.map(canonical).join())}`,
    trait: null,
    turns: ({ groups = [], timezone }, now) =>
      earliest(groups.flatMap(({ traits }) => timed.flatMap((turns) => turns(traits, { now, timezone })))),
  };
}

/** The next moments at which the comparisons of a trait turn, each by itself; null when none ever does. */
function turnsOf(condition: TraitCondition): ((traits: Values, at: At) => readonly number[]) | null {
  const timed = timedOf(condition);
  if (timed.length === 0) return null;
  const read = valueAt(condition.trait);
  return (traits, at) => {
    const value = read(traits);
    return timed.flatMap((each) => each.turns(value, at) ?? []);
  };
}

const earliest = (moments: readonly number[]): number | null =>
  moments.length === 0 ? null : Math.min(...moments);
