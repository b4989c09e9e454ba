import {
  durationMs,
  type MessageCondition,
  type SequenceCondition,
  type SequenceStep,
  type TraitCondition,
} from '@tidings/contracts';
import { canonical, canonicalWhere, granularityOf, keyOf } from './counter-key.js';
import { digest } from './digest.js';
import { valueAt } from './own-value.js';
import type { DistinctQuestion, SequenceQuestion, TraitQuestion } from './question.js';
import { timedOf } from './timed.js';

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
    key: keyOf('q', 'ever', first?.performed ?? '', parts),
    steps: sequence,
    without,
    withinMs,
    lastMs,
  };
}

/** The question of a `message`: of how many messages something came back. */
export function messageQuestion(condition: MessageCondition): DistinctQuestion {
  const { message, journey, step, channel, atLeast = 1, withinLast } = condition;
  const where = Object.entries({ journey, step, channel }).flatMap(([property, equals]) =>
    equals === undefined ? [] : [{ property, equals }],
  );
  const granularity = granularityOf(condition);
  return {
    kind: 'distinct',
    key: keyOf('o', granularity, message, [canonicalWhere(where)]),
    counted: {
      heard: 'message',
      name: message,
      where: where.length === 0 ? undefined : where,
      from: -Infinity,
      until: Infinity,
    },
    granularity,
    windowMs: withinLast === undefined ? null : durationMs(withinLast),
    property: 'messageId',
    holds: (count) => count >= atLeast,
  };
}

/** The question of a `trait` that time alone changes; null when it does not. */
export function traitQuestion(condition: TraitCondition): TraitQuestion | null {
  const timed = timedOf(condition);
  if (timed.length === 0) return null;
  const read = valueAt(condition.trait);
  return {
    kind: 'trait',
    key: `c:${digest(canonical(condition))}`,
    trait: condition.trait,
    turns: ({ traits, timezone }, now) => {
      const value = read(traits);
      const turns = timed.flatMap((each) => each.turns(value, { now, timezone }) ?? []);
      return turns.length === 0 ? null : Math.min(...turns);
    },
  };
}
