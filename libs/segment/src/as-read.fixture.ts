import type { CounterRule, Occurrence, PastOccurrence } from './index.js';

const MINUTE = 60_000;

/** A history as the store reads it: of what is alike within a minute only the last, and how often, but each of what some rule must know more of. */
export function asRead(history: readonly Occurrence[], rules: readonly CounterRule[]): PastOccurrence[] {
  const detailed = new Set(rules.filter((rule) => rule.exact || rule.looksAtProperties).flatMap(({ sources }) => sources.map(labelOf)));
  const isDetailed = (one: Occurrence) => one.heard === 'place' || detailed.has(labelOf(one));
  const alike = Map.groupBy(
    history.filter((one) => !isDetailed(one)),
    (one) => `${labelOf(one)} ${Math.floor(one.at / MINUTE)}`,
  );
  return [...history.filter(isDetailed).map((one) => ({ ...one, times: 1 })), ...[...alike.values()].flatMap(asOne)];
}

function asOne(same: readonly Occurrence[]): PastOccurrence[] {
  const [first] = same;
  return first === undefined ? [] : [{ ...first, properties: {}, at: Math.max(...same.map(({ at }) => at)), times: same.length }];
}

const labelOf = ({ heard, name }: Pick<Occurrence, 'heard' | 'name'>): string => `${heard} ${name}`;
