import {
  propertiesMatcher,
  valueAt,
  type CrossingQuestion,
  type DistinctQuestion,
  type FirstsQuestion,
  type FrequentQuestion,
  type Grain,
  type IgnoredQuestion,
  type ListedQuestion,
  type NumberQuestion,
  type SequenceQuestion,
  type ToldQuestion,
} from '@tidings/condition';
import type { SequenceStep } from '@tidings/contracts';
import type { CircleIndex } from './circle-index.js';
import { crossingRule } from './crossing-rule.js';
import type {
  CounterQuestion,
  CounterRule,
  DistinctRule,
  FirstsRule,
  FrequentRule,
  IgnoredRule,
  ListedRule,
  NumberRule,
  Occurrence,
  Rule,
  SequenceRule,
  ToldRule,
} from './rules.js';

/** What keeps the answer to a question; nobody asks it yet. Circles that are crossed are told to `near`. */
export function counterRule(question: CounterQuestion, near: CircleIndex<string>): CounterRule {
  switch (question.kind) {
    case 'count':
      return { kind: 'count', ...counting(question), ...grainOf(question), thresholds: [] };
    case 'number':
    case 'distinct':
      return valueRule(question);
    case 'told':
    case 'frequent':
    case 'firsts':
      return toldRule(question);
    case 'times':
      return { kind: 'times', ...counting(question), exact: true, turns: [] };
    case 'sequence':
      return sequenceRule(question);
    case 'ignored':
      return ignoredRule(question);
    case 'streak':
      return { kind: 'streak', ...counting(question), asks: [] };
    case 'crossing':
      return crossingRule(question, near);
    case 'listed':
      return listedRule(question);
  }
}

const grainOf = ({ granularity, reachMs }: Grain): Grain => ({ granularity, reachMs });

function valueRule(question: NumberQuestion | DistinctQuestion): NumberRule | DistinctRule {
  const value = valueAt(question.property);
  const shared = { ...counting(question), ...grainOf(question), looksAtProperties: true, value };
  return question.kind === 'number'
    ? { ...shared, kind: 'number', asks: [] }
    : { ...shared, kind: 'distinct', asks: [] };
}

function toldRule(question: ToldQuestion | FrequentQuestion | FirstsQuestion): ToldRule | FrequentRule | FirstsRule {
  const value = valueAt(question.property);
  const shared = { ...counting(question), looksAtProperties: true, exact: true, value, asks: [] };
  return question.kind === 'told'
    ? { ...shared, kind: 'told', of: question.of }
    : { ...shared, ...grainOf(question), kind: question.kind };
}

function counting({ key, counted }: Exclude<CounterQuestion, SequenceQuestion | IgnoredQuestion | CrossingQuestion | ListedQuestion>): Rule {
  const { heard, name, where, from, until } = counted;
  const meets = propertiesMatcher(where);
  const isBounded = from !== -Infinity || until !== Infinity;
  return {
    key,
    sources: [{ heard, name }],
    looksAtProperties: where !== undefined,
    exact: isBounded,
    counts: isBounded
      ? ({ at, properties }) => at >= from && at < until && meets(properties)
      : ({ properties }) => meets(properties),
    segments: [],
  };
}

function sequenceRule({ key, steps, without, withinMs, lastMs }: SequenceQuestion): SequenceRule {
  const all = [...steps, ...without];
  const tests = all.map(stepTest);
  const maskOf = (occurrence: Occurrence) =>
    tests.reduce((mask, isStep, index) => (isStep(occurrence) ? mask | (1 << index) : mask), 0);
  return {
    kind: 'sequence',
    key,
    sources: [...new Set(all.map(({ performed }) => performed))].map((name) => ({ heard: 'performed', name })),
    looksAtProperties: all.some(({ where }) => where !== undefined),
    exact: true,
    counts: (occurrence) => maskOf(occurrence) !== 0,
    segments: [],
    steps: steps.length,
    withinMs,
    lastMs,
    maskOf,
  };
}

const listedRule = ({ key, list }: ListedQuestion): ListedRule => ({
  kind: 'listed',
  key,
  sources: [{ heard: 'listed', name: list }],
  looksAtProperties: true,
  exact: true,
  counts: () => true,
  segments: [],
});

const engagements = ['sent', 'opened', 'clicked'] as const;

function ignoredRule({ key, where, afterMs, lastMs }: IgnoredQuestion): IgnoredRule {
  const meets = propertiesMatcher(where);
  return {
    kind: 'ignored',
    key,
    sources: engagements.map((name) => ({ heard: 'message', name })),
    looksAtProperties: true,
    exact: true,
    counts: ({ properties }) => meets(properties),
    segments: [],
    afterMs,
    lastMs,
    asks: [],
    engagement: ({ name, properties: { messageId }, at }) => ({
      kind: name === 'sent' ? 'sent' : 'engaged',
      messageId,
      at,
    }),
  };
}

function stepTest({ performed, where }: SequenceStep): (occurrence: Occurrence) => boolean {
  const meets = propertiesMatcher(where);
  return ({ name, properties }) => name === performed && meets(properties);
}
