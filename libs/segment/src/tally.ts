import type { Aggregate, At, Done, Person } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import { aged as agedCount, counted, countIn, type Count } from './counter.js';
import type { Counter, Counters } from './counters.js';
import { agedCrossing, crossed, passed, wasInside, type Crossed } from './crossing.js';
import type { CrossingRule } from './crossing-rule.js';
import { agedDistinct, distinctIn, distinguished } from './distinct.js';
import { agedFirsts, firstIn, opened } from './firsts.js';
import { agedFrequent, frequentIn, ranked } from './frequent.js';
import { agedIgnored, ignored, ignoredIn } from './ignored.js';
import { listed } from './listed.js';
import { agedNumbers, noNumber, numbered, numberIn } from './numbers.js';
import type { ClockRule, CounterRule, FirstsRule, FrequentRule, Occurrence, TimesRule, ToldRule } from './rules.js';
import { agedSequence, followed } from './sequence.js';
import { agedStreak, marked, streakIn } from './streak.js';
import { agedTimes, timed, type Times } from './times.js';
import { agedTold, told } from './told.js';

/** A counter after something it counts was done `times` times, as it is then; undefined while it has nothing to keep. */
export function tallied(
  counter: Counter | undefined,
  rule: CounterRule,
  occurrence: Occurrence,
  when: At,
  times = 1,
): Counter | undefined {
  const { at, properties } = occurrence;
  const { now } = when;
  switch (rule.kind) {
    case 'count':
      return counted(countOf(counter), rule, at, now, times);
    case 'number':
      return numbered(keeping(counter, 'numbers'), rule, rule.value(properties), { at, times }, now);
    case 'distinct':
      return distinguished(keeping(counter, 'latest'), rule, rule.value(properties), at, now);
    case 'told':
      return told(keeping(counter, 'told'), rule, rule.value(properties), at, when);
    case 'frequent':
      return ranked(keeping(counter, 'cells'), rule, { value: rule.value(properties), at, times }, when);
    case 'firsts':
      return opened(keeping(counter, 'firsts'), rule, rule.value(properties), at, when);
    case 'times':
      return timed(keeping(counter, 'first'), rule.turns, at, now);
    case 'sequence':
      return followed(keeping(counter, 'seen'), rule, rule.maskOf(occurrence), at, now);
    case 'ignored':
      return ignored(keeping(counter, 'engaged'), rule, rule.engagement(occurrence), now);
    case 'streak':
      return marked(keeping(counter, 'marks'), rule, at, when);
    case 'crossing':
      return ifInside(rule, crossed(keeping(counter, 'slots'), rule, rule.isBehind(occurrence), at, now));
    case 'points':
      return passed(keeping(counter, 'slots'), rule, at, now);
    case 'listed':
      return listed(keeping(counter, 'listed'), properties['listed'], at);
  }
}

/** A counter at a moment: without what no question will reach any more, and with the moment that is next; undefined when nothing is left. */
export function aged(counter: Counter, rule: CounterRule, when: At): Counter | undefined {
  const { now } = when;
  switch (rule.kind) {
    case 'count':
      return agedCount(countOf(counter) ?? 0, rule, now);
    case 'number':
      return agedNumbers(keeping(counter, 'numbers'), rule, now);
    case 'distinct':
      return agedDistinct(keeping(counter, 'latest'), rule, now);
    case 'told':
    case 'frequent':
    case 'firsts':
      return agedValue(counter, rule, when);
    case 'times':
      return withTurns(counter, rule, now);
    case 'sequence':
      return agedSequence(keeping(counter, 'seen'), rule, now);
    case 'ignored':
      return agedIgnored(keeping(counter, 'engaged'), rule, now);
    case 'streak':
      return agedStreak(keeping(counter, 'marks'), rule, when);
    case 'crossing':
      return ifInside(rule, agedCrossing(keeping(counter, 'slots'), rule, now));
    case 'points':
      return agedCrossing(keeping(counter, 'slots'), rule, now);
    case 'listed':
      return counter;
  }
}

/** Who was never inside has in every border what all points tell, so it is kept of none. */
const ifInside = ({ into }: CrossingRule, counter: Crossed): Crossed | undefined => (wasInside(counter, into) ? counter : undefined);

function agedValue(counter: Counter, rule: ToldRule | FrequentRule | FirstsRule, when: At): Counter {
  if (rule.kind === 'told') return keeps(counter, 'told') ? agedTold(counter, rule, when) : counter;
  if (rule.kind === 'firsts') return keeps(counter, 'firsts') ? agedFirsts(counter, rule, when) : counter;
  return keeps(counter, 'cells') ? agedFrequent(counter, rule, when) : counter;
}

function withTurns(counter: Counter, { turns }: TimesRule, now: number): Counter {
  const times = keeping(counter, 'first');
  return times === undefined ? counter : agedTimes(times, turns, now);
}

/** When time alone next changes an answer; null when it never does. */
export const clockOf = ({ turns }: ClockRule, person: Person, now: number): Counter | undefined => {
  const flipsAt = turns(person, now);
  return flipsAt === null ? undefined : { flipsAt };
};

/** What the counters say of what was done, at `now`. */
export class Tallies implements Done {
  /** Adding up takes long, and many segments ask the same. */
  private sums: Map<string, number | undefined> | null = null;
  private leaders: Map<string, ComputedValue | undefined> | null = null;

  constructor(
    private readonly rules: ReadonlyMap<string, CounterRule>,
    private readonly counters: Counters,
    private readonly when: At,
  ) {}

  count(key: string, windowMs: number | null): number {
    const counter = this.counters[key];
    if (counter === undefined || typeof counter === 'number') return counter ?? 0;
    if (keeps(counter, 'buckets')) return countIn(counter, windowMs, this.when.now);
    if (keeps(counter, 'latest')) return distinctIn(counter, windowMs, this.when.now);
    return this.known(key, counter);
  }

  number(key: string, windowMs: number | null, of: Aggregate): number | undefined {
    const numbers = keeping(this.counters[key], 'numbers');
    if (numbers === undefined) return noNumber(of);
    this.sums ??= new Map();
    const asked = `${of} ${windowMs} ${key}`;
    if (!this.sums.has(asked))
      this.sums.set(asked, numberIn(numbers, { windowMs, of }, this.when.now));
    return this.sums.get(asked);
  }

  told(key: string): { readonly value: ComputedValue; readonly at: number } | undefined {
    const counter = keeping(this.counters[key], 'told');
    return counter && { value: counter.told, at: counter.toldAt };
  }

  frequent(key: string, windowMs: number | null): ComputedValue | undefined {
    const counter = keeping(this.counters[key], 'cells');
    if (counter === undefined) return undefined;
    this.leaders ??= new Map();
    const asked = `${windowMs} ${key}`;
    if (!this.leaders.has(asked)) this.leaders.set(asked, frequentIn(counter, windowMs, this.when.now));
    return this.leaders.get(asked);
  }

  firstIn(key: string, windowMs: number | null): ComputedValue | undefined {
    const counter = keeping(this.counters[key], 'firsts');
    return counter && firstIn(counter, windowMs, this.when.now);
  }

  times(key: string): Times | undefined {
    return keeping(this.counters[key], 'first');
  }

  completedAt(key: string): number | null {
    const counter = this.counters[key];
    return keeping(counter, 'seen')?.completedAt ?? keeping(counter, 'slots')?.crossedAt ?? null;
  }

  streak(key: string, freezeDays: number): number {
    return streakIn(keeping(this.counters[key], 'marks'), freezeDays, this.when);
  }

  private known(key: string, counter: Exclude<Counter, number>): number {
    if (keeps(counter, 'listed')) return counter.listed ? 1 : 0;
    const rule = this.rules.get(key);
    return rule?.kind === 'ignored' && keeps(counter, 'engaged') ? ignoredIn(counter, rule, this.when.now) : 0;
  }
}

/** What a kind of counter keeps that no other kind does. */
type Mark = 'buckets' | 'numbers' | 'latest' | 'told' | 'cells' | 'firsts' | 'first' | 'seen' | 'slots' | 'engaged' | 'marks' | 'listed';
type Keeping<M extends Mark> = Extract<Counter, Readonly<Record<M, unknown>>>;

/** A counter as the kind that keeps this; undefined when it is of another kind, as after a definition changed. */
const keeping = <M extends Mark>(counter: Counter | undefined, mark: M): Keeping<M> | undefined =>
  keeps(counter, mark) ? counter : undefined;
const keeps = <M extends Mark>(counter: Counter | undefined, mark: M): counter is Keeping<M> =>
  typeof counter === 'object' && mark in counter;
const countOf = (counter: Counter | undefined): Count | undefined =>
  typeof counter === 'number' ? counter : keeping(counter, 'buckets');
