/**
 * What a condition means: whether JSON is one, what must be kept to answer it, and whether a profile meets it. Knows
 * what a person did and where they belong only as the `Subject` shows it; not where it comes from, nor what time it is.
 */
export { calendarDay, dayBegins } from './calendar-day.js';
export { compile, type Matches } from './compile.js';
export { computedQuestion, type ComputedQuestion, type ComputedTraits } from './computed-question.js';
export { computedValue, type ReadComputed } from './computed-value.js';
export { counterKey, type Grain, type Granularity } from './counter-key.js';
export { chordOf, isWithin, kmBetween, onSphere, type Point } from './distance.js';
export { digest } from './digest.js';
export { matchesProperties, propertiesMatcher } from './matches-properties.js';
export { leavesOf, mentionsOf, type Aspect, type Mentions } from './mentions.js';
export { valueAt } from './own-value.js';
export { parseComputedTrait, type ParsedComputedTrait } from './parse-computed-trait.js';
export { parseCondition, type ParsedCondition } from './parse-condition.js';
export { conditionKindOf, type ConditionKind } from './condition-kind.js';
export type {
  Counted,
  CountQuestion,
  CrossingQuestion,
  DistinctQuestion,
  FirstsQuestion,
  FrequentQuestion,
  IgnoredQuestion,
  ListedQuestion,
  NumberQuestion,
  Question,
  SequenceQuestion,
  StreakQuestion,
  TimesQuestion,
  ToldQuestion,
  TraitQuestion,
  ValueTurns,
} from './question.js';
export { isZone } from './zone.js';
export type { At } from './timed.js';
export type { Aggregate, Done, Person, Subject } from './subject.js';
