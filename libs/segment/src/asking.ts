import type { CountQuestion } from '@tidings/condition';
import type { CountAsk, Counting } from './counter.js';
import type { CounterQuestion, CounterRule, CountRule } from './rules.js';

/** The rule, so that it knows of the moments at which the answer to this question changes too. */
export function asking(rule: CounterRule, question: CounterQuestion): CounterRule {
  if (rule.kind === 'times' && question.kind === 'times') return { ...rule, turns: [...rule.turns, ...question.turns] };
  if (rule.kind === 'count' && question.kind === 'count') return askingCount(rule, question);
  return askingAmount(rule, question) ?? askingTold(rule, question) ?? askingMore(rule, question);
}

const askingCount = (rule: CountRule, question: CountQuestion): CountRule => ({
  ...rule,
  thresholds: withThresholds(rule.thresholds, question),
  asks: [...(rule.asks ?? []), ...asksOf(question)],
});

function askingAmount(rule: CounterRule, question: CounterQuestion): CounterRule | null {
  if (rule.kind === 'number' && question.kind === 'number') return { ...rule, asks: [...rule.asks, question] };
  return rule.kind === 'distinct' && question.kind === 'distinct' ? { ...rule, asks: [...rule.asks, question] } : null;
}

function askingTold(rule: CounterRule, question: CounterQuestion): CounterRule | null {
  if (rule.kind === 'frequent' && question.kind === 'frequent') return { ...rule, asks: [...rule.asks, question] };
  if (rule.kind === 'firsts' && question.kind === 'firsts') return { ...rule, asks: [...rule.asks, question] };
  return rule.kind === 'told' && question.kind === 'told' ? { ...rule, asks: [...rule.asks, question] } : null;
}

function askingMore(rule: CounterRule, question: CounterQuestion): CounterRule {
  if (rule.kind === 'ignored' && question.kind === 'ignored') return { ...rule, asks: [...rule.asks, question.holds] };
  return rule.kind === 'streak' && question.kind === 'streak' ? { ...rule, asks: [...rule.asks, question] } : rule;
}

function withThresholds(
  known: Counting['thresholds'],
  { windowMs, thresholds }: CountQuestion,
): Counting['thresholds'] {
  if (windowMs === null) return known;
  const isNew = (atLeast: number) => !known.some((other) => other.windowMs === windowMs && other.atLeast === atLeast);
  return [...known, ...thresholds.filter(isNew).map((atLeast) => ({ windowMs, atLeast }))];
}

const asksOf = ({ windowMs, holds }: CountQuestion): readonly CountAsk[] =>
  windowMs === null || holds === undefined ? [] : [{ windowMs, holds }];
