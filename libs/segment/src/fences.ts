import type { CircleIndex } from './circle-index.js';
import type { Counters } from './counters.js';
import { alwaysOutside, type Crossed } from './crossing.js';
import { pointOf, type CrossingRule, type PointsRule } from './crossing-rule.js';
import type { CounterRule, Occurrence } from './rules.js';

/** Borders that are looked at when somebody is somewhere. */
export interface Fences {
  /** By their keys. */
  readonly borders: ReadonlyMap<string, CrossingRule>;
  /** What notes all points: one for each length of their windows. */
  readonly points: readonly PointsRule[];
  /** Where the keys of the borders are found, and perhaps of others. */
  readonly near: readonly CircleIndex<string>[];
}

/** The borders among some rules. */
export function fencesOf(rules: Iterable<CounterRule>): Fences {
  const borders = new Map<string, CrossingRule>();
  const points = new Map<string, PointsRule>();
  const near = new Set<CircleIndex<string>>();
  for (const rule of rules) {
    if (rule.kind === 'points') points.set(rule.key, rule);
    if (rule.kind !== 'crossing') continue;
    borders.set(rule.key, rule);
    points.set(rule.points.key, rule.points);
    near.add(rule.near);
  }
  return { borders, points: [...points.values()], near: [...near] };
}

/**
 * What a point of somebody with these counters is counted by: borders that they are inside of now, or were in what is kept of
 * them; and after those what notes all points, so that `startOf` finds them without this one.
 */
export function countingPoint({ borders, points, near }: Fences, counters: Counters, { properties }: Occurrence): CounterRule[] {
  const point = pointOf(properties);
  if (point === null) return [];
  const keys = new Set(near.flatMap((index) => index.at(point)));
  if (borders.size > 0) for (const key in counters) if (borders.has(key)) keys.add(key);
  return [...[...keys].flatMap((key) => borders.get(key) ?? []), ...points];
}

/** What a counter begins with that is not kept yet: of a border all points so far, which were outside. */
export function startOf(rule: CounterRule, counters: Counters): Crossed | undefined {
  if (rule.kind !== 'crossing') return undefined;
  const points = counters[rule.points.key];
  return alwaysOutside(typeof points === 'object' && 'slots' in points ? points : undefined, rule.into);
}
