import type { Aggregate, At, Done, Granularity, Person } from '@tidings/condition';
import { aged as agedCount, counted, countIn, type Count } from './counter.js';
import type { Counter, Counters } from './counters.js';
import { agedCrossing, crossed, type Crossed } from './crossing.js';
import { agedDistinct, distinctIn, distinguished, type Distinct } from './distinct.js';
import { agedIgnored, ignored, ignoredIn, type Ignored } from './ignored.js';
import { listed, type Listed } from './listed.js';
import { agedNumbers, noNumber, numbered, numberIn, type Numbers } from './numbers.js';
import type { ClockRule, CounterRule, Occurrence, TimesRule } from './rules.js';
import { agedSequence, followed, type Followed } from './sequence.js';
import { agedStreak, marked, streakIn, type Marked } from './streak.js';
import { agedTimes, timed, type Times } from './times.js';

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
      return numbered(numbersOf(counter), rule, rule.value(properties), { at, times }, now);
    case 'distinct':
      return distinguished(distinctOf(counter), rule, rule.value(properties), at, now);
    case 'times':
      return timed(timesOf(counter), rule.turns, at, now);
    case 'sequence':
      return followed(followedOf(counter), rule, rule.maskOf(occurrence), at, now);
    case 'ignored':
      return ignored(ignoredOf(counter), rule, rule.engagement(occurrence), now);
    case 'streak':
      return marked(markedOf(counter), rule, at, when);
    case 'crossing':
      return crossed(crossedOf(counter), rule, rule.isBehind(occurrence), at, now);
    case 'listed':
      return listed(listedOf(counter), properties['listed'], at);
  }
}

/** A counter at a moment: without what no question will reach any more, and with the moment that is next. */
export function aged(counter: Counter, rule: CounterRule, when: At): Counter {
  const { now } = when;
  switch (rule.kind) {
    case 'count':
      return agedCount(countOf(counter) ?? 0, rule, now);
    case 'number':
      return agedNumbers(numbersOf(counter), rule, now);
    case 'distinct':
      return agedDistinct(distinctOf(counter), rule, now);
    case 'times':
      return withTurns(counter, rule, now);
    case 'sequence':
      return agedSequence(followedOf(counter), rule, now);
    case 'ignored':
      return agedIgnored(ignoredOf(counter), rule, now);
    case 'streak':
      return agedStreak(markedOf(counter), rule, when);
    case 'crossing':
      return agedCrossing(crossedOf(counter), rule, now);
    case 'listed':
      return counter;
  }
}

function withTurns(counter: Counter, { turns }: TimesRule, now: number): Counter {
  const times = timesOf(counter);
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

  constructor(
    private readonly rules: ReadonlyMap<string, CounterRule>,
    private readonly counters: Counters,
    private readonly when: At,
  ) {}

  count(key: string, windowMs: number | null): number {
    const counter = this.counters[key];
    if (counter === undefined || typeof counter === 'number') return counter ?? 0;
    if ('buckets' in counter) return countIn(counter, this.granularityOf(key), windowMs, this.when.now);
    if ('latest' in counter) return distinctIn(counter, this.granularityOf(key), windowMs, this.when.now);
    return this.known(key, counter);
  }

  number(key: string, windowMs: number | null, of: Aggregate): number | undefined {
    const numbers = numbersOf(this.counters[key]);
    if (numbers === undefined) return noNumber(of);
    this.sums ??= new Map();
    const asked = `${of} ${windowMs} ${key}`;
    if (!this.sums.has(asked))
      this.sums.set(asked, numberIn(numbers, { windowMs, of }, this.granularityOf(key), this.when.now));
    return this.sums.get(asked);
  }

  times(key: string): Times | undefined {
    return timesOf(this.counters[key]);
  }

  completedAt(key: string): number | null {
    const counter = this.counters[key];
    return followedOf(counter)?.completedAt ?? crossedOf(counter)?.crossedAt ?? null;
  }

  streak(key: string, freezeDays: number): number {
    return streakIn(markedOf(this.counters[key]), freezeDays, this.when);
  }

  private known(key: string, counter: Exclude<Counter, number>): number {
    if ('listed' in counter) return counter.listed ? 1 : 0;
    const rule = this.rules.get(key);
    return rule?.kind === 'ignored' && 'engaged' in counter ? ignoredIn(counter, rule, this.when.now) : 0;
  }

  private granularityOf(key: string): Granularity {
    const rule = this.rules.get(key);
    return rule !== undefined && 'granularity' in rule ? rule.granularity : 'ever';
  }
}

const countOf = (counter: Counter | undefined): Count | undefined =>
  typeof counter === 'number' || (counter !== undefined && 'buckets' in counter) ? counter : undefined;
const numbersOf = (counter: Counter | undefined): Numbers | undefined =>
  typeof counter === 'object' && 'numbers' in counter ? counter : undefined;
const distinctOf = (counter: Counter | undefined): Distinct | undefined =>
  typeof counter === 'object' && 'latest' in counter ? counter : undefined;
const timesOf = (counter: Counter | undefined): Times | undefined =>
  typeof counter === 'object' && 'first' in counter ? counter : undefined;
const followedOf = (counter: Counter | undefined): Followed | undefined =>
  typeof counter === 'object' && 'seen' in counter ? counter : undefined;
const crossedOf = (counter: Counter | undefined): Crossed | undefined =>
  typeof counter === 'object' && 'slots' in counter ? counter : undefined;
const ignoredOf = (counter: Counter | undefined): Ignored | undefined =>
  typeof counter === 'object' && 'engaged' in counter ? counter : undefined;
const markedOf = (counter: Counter | undefined): Marked | undefined =>
  typeof counter === 'object' && 'marks' in counter ? counter : undefined;
const listedOf = (counter: Counter | undefined): Listed | undefined =>
  typeof counter === 'object' && 'listed' in counter ? counter : undefined;
