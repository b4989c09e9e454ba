import type { Counted, Question, TimesQuestion, TraitQuestion } from '@tidings/condition';
import type { Values } from '@tidings/contracts';
import { asking } from './asking.js';
import { CircleIndex } from './circle-index.js';
import type { Counting } from './counter.js';
import { counterRule } from './counter-rule.js';
import type { CrossingRule, PointsRule } from './crossing-rule.js';
import type { Distinguishing } from './distinct.js';
import type { Opening } from './firsts.js';
import type { Ranking } from './frequent.js';
import type { Engagement, Ignoring } from './ignored.js';
import type { Numbering } from './numbers.js';
import type { Following } from './sequence.js';
import type { Streaking } from './streak.js';
import type { CompiledSegment } from './segments.js';
import type { Telling } from './told.js';

/** Something that a profile did, that came back about a message to it, that was said about a list, or a point where it was; with the moment that it counts for, in ms. */
export interface Occurrence {
  readonly heard: Counted['heard'];
  /** The event's name, what came back, or the list; `point` of a place. */
  readonly name: string;
  /** Of a message: `messageId`, `journey`, `step` and `channel`; of a list: `listed`; of a point: `latitude` and `longitude`. */
  readonly properties: Values;
  readonly at: number;
}

/** What a counter hears of. */
export type Source = Pick<Counted, 'heard' | 'name'>;

/** What all rules have. */
export interface Rule {
  readonly key: string;
  readonly sources: readonly Source[];
  /** Whether it looks at properties at all. */
  readonly looksAtProperties: boolean;
  /** Whether it must know when each thing was done; otherwise the last of a minute is enough. */
  readonly exact: boolean;
  /** Of what it hears of, what it counts. */
  readonly counts: (occurrence: Occurrence) => boolean;
  readonly segments: readonly CompiledSegment[];
}

/** What rules have that look at one property. */
interface ValueRule extends Rule {
  readonly value: (properties: Values) => unknown;
}

/** How often. */
export interface CountRule extends Rule, Counting {
  readonly kind: 'count';
}
/** What a property comes to. */
export interface NumberRule extends ValueRule, Numbering {
  readonly kind: 'number';
}
/** How many different ones. */
export interface DistinctRule extends ValueRule, Distinguishing {
  readonly kind: 'distinct';
}
/** Which value first ever, or last. */
export interface ToldRule extends ValueRule, Telling {
  readonly kind: 'told';
}
/** Which value most often. */
export interface FrequentRule extends ValueRule, Ranking {
  readonly kind: 'frequent';
}
/** Which value first, in windows. */
export interface FirstsRule extends ValueRule, Opening {
  readonly kind: 'firsts';
}
/** When first and last. */
export interface TimesRule extends Rule {
  readonly kind: 'times';
  readonly turns: TimesQuestion['turns'];
}
/** One after the other. */
export interface SequenceRule extends Rule, Following {
  readonly kind: 'sequence';
  /** The steps that something may be, as bits; those that must not come between are above the others. */
  readonly maskOf: (occurrence: Occurrence) => number;
}

/** How many messages were sent long enough ago, and neither opened nor clicked. */
export interface IgnoredRule extends Rule, Ignoring {
  readonly kind: 'ignored';
  /** What an occurrence says of which message. */
  readonly engagement: (occurrence: Occurrence) => Engagement;
}

/** On which days. */
export interface StreakRule extends Rule, Streaking {
  readonly kind: 'streak';
}

/** The latest word about a list. */
export interface ListedRule extends Rule {
  readonly kind: 'listed';
}

/** What a counter counts, and what depends on it. */
export type CounterRule =
  | CountRule
  | NumberRule
  | DistinctRule
  | ToldRule
  | FrequentRule
  | FirstsRule
  | TimesRule
  | SequenceRule
  | IgnoredRule
  | StreakRule
  | CrossingRule
  | PointsRule
  | ListedRule;

/** What time alone changes about a trait of a person or of their groups. */
export interface ClockRule extends Pick<Rule, 'key' | 'segments'> {
  /** Null when it is about traits of groups. */
  readonly trait: string | null;
  readonly turns: TraitQuestion['turns'];
}

/** What is answered by a counter. */
export type CounterQuestion = Exclude<Question, TraitQuestion>;

/** Collects what the conditions of segments ask into one rule per counter. */
export class Rules {
  private readonly counters = new Map<string, CounterRule>();
  private readonly clocks = new Map<string, ClockRule>();
  private readonly near = new CircleIndex<string>();

  /** Has a segment depend on what answers a question. */
  add(question: Question, segment: CompiledSegment): void {
    if (question.kind === 'trait') return this.addClock(question, segment);
    const rule = asking(this.kept(question), question);
    this.counters.set(question.key, { ...rule, segments: withSegment(rule.segments, segment) });
  }

  /** Has what answers a question kept, whether anybody asks it or not. */
  keep(question: CounterQuestion): void {
    this.kept(question);
  }

  byCounter(): ReadonlyMap<string, CounterRule> {
    return this.counters;
  }

  byClock(): ReadonlyMap<string, ClockRule> {
    return this.clocks;
  }

  private kept(question: CounterQuestion): CounterRule {
    const before = this.counters.get(question.key);
    if (before !== undefined) return before;
    const rule = counterRule(question, this.near);
    this.counters.set(question.key, rule);
    if (rule.kind === 'crossing') this.counters.set(rule.points.key, rule.points);
    return rule;
  }

  private addClock({ key, trait, turns }: TraitQuestion, segment: CompiledSegment): void {
    const before = this.clocks.get(key)?.segments ?? [];
    this.clocks.set(key, { key, trait, turns, segments: withSegment(before, segment) });
  }
}

const withSegment = (segments: readonly CompiledSegment[], segment: CompiledSegment): readonly CompiledSegment[] =>
  segments.includes(segment) ? segments : [...segments, segment];
