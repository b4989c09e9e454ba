import {
  compile,
  counterKey,
  digest,
  granularityOf,
  mentionsOf,
  propertiesMatcher,
  type Granularity,
  type Matches,
} from '@tidings/condition';
import { durationMs, type Condition, type PerformedCondition, type Values } from '@tidings/contracts';
import type { Threshold } from './counter.js';

/** A segment that is in force. */
export interface PublishedSegment {
  readonly id: string;
  readonly where: Condition;
}

/** A segment, ready to be asked about. */
export interface CompiledSegment {
  readonly id: string;
  readonly matches: Matches;
}

/** What a counter counts, and what depends on it. */
export interface CounterRule {
  readonly key: string;
  readonly event: string;
  readonly granularity: Granularity;
  /** Whether it looks at properties at all; if not, `counts` is true of every event of the name. */
  readonly filtered: boolean;
  readonly counts: (properties: Values) => boolean;
  readonly thresholds: readonly Threshold[];
  readonly segments: readonly CompiledSegment[];
}

/** The segments of a workspace, indexed by what they mention. */
export interface Segments {
  /** Differs when any segment does. */
  readonly revision: string;
  /** When the newest change among them was published, in ms. */
  readonly publishedAt: number;
  readonly all: readonly CompiledSegment[];
  readonly byTrait: ReadonlyMap<string, readonly CompiledSegment[]>;
  readonly byEvent: ReadonlyMap<string, readonly CounterRule[]>;
  readonly byCounter: ReadonlyMap<string, CounterRule>;
}

/** Makes the index, once per change of any segment; `publishedAt` counts archived segments in, so that it only rises. */
export function compileSegments(published: readonly PublishedSegment[], publishedAt: number): Segments {
  const sorted = published.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byTrait = new Map<string, CompiledSegment[]>();
  const byCounter = new Map<string, GrowingRule>();
  const all = sorted.map(({ id, where }) => {
    const segment = { id, matches: compile(where) };
    const { traits, performed } = mentionsOf(where);
    for (const trait of traits) append(byTrait, trait, segment);
    for (const condition of performed) depend(byCounter, condition, segment);
    return segment;
  });
  const byEvent = Map.groupBy(byCounter.values(), ({ event }) => event);
  return { revision: revisionOf(sorted), publishedAt, all, byTrait, byEvent, byCounter };
}

type GrowingRule = CounterRule & { readonly thresholds: Threshold[]; readonly segments: CompiledSegment[] };

const revisionOf = (sorted: readonly PublishedSegment[]): string =>
  digest(JSON.stringify(sorted.map(({ id, where }) => [id, where])));

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function depend(rules: Map<string, GrowingRule>, condition: PerformedCondition, segment: CompiledSegment): void {
  const key = counterKey(condition);
  const rule = rules.get(key) ?? newRule(key, condition);
  rules.set(key, rule);
  if (!rule.segments.includes(segment)) rule.segments.push(segment);
  if (condition.withinLast === undefined) return;
  const windowMs = durationMs(condition.withinLast);
  const { atLeast = 1 } = condition;
  if (!rule.thresholds.some((other) => other.windowMs === windowMs && other.atLeast === atLeast)) {
    rule.thresholds.push({ windowMs, atLeast });
  }
}

const newRule = (key: string, condition: PerformedCondition): GrowingRule => ({
  key,
  event: condition.performed,
  granularity: granularityOf(condition),
  filtered: condition.where !== undefined,
  counts: propertiesMatcher(condition.where),
  thresholds: [],
  segments: [],
});
