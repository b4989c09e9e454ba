/**
 * When each trait was last set or removed, in ms. Most calls of `identify` repeat every trait, so only traits that
 * differ from the latest call have a time of their own; so has a removed one, or it would come back with a late event.
 */
export interface TraitTimes {
  readonly latest: number;
  readonly other: Readonly<Record<string, number>>;
}

/** When the trait was last set or removed; -Infinity when it never was. */
export function timeOf({ latest, other }: TraitTimes, name: string, isSet: boolean): number {
  if (Object.hasOwn(other, name)) return other[name] ?? latest;
  return isSet ? latest : -Infinity;
}

/** Further back than any event: what anonymous events said counts as said before all that known ones did. */
const RANK_MS = 1e14;

/** The time under which a known profile keeps what was said at `at` while nobody knew who it was. */
export const beforeAllKnown = (at: number): number => at - RANK_MS;

/** The time at which it was said, of a time that a profile keeps. */
export const saidAt = (kept: number): number => (kept < 0 ? kept + RANK_MS : kept);

/** Removed traits whose time is kept; beyond it those removed first are forgotten, and could come back with a very late event. */
const MAX_REMOVED = 64;

/** The times after these names were set or removed at `at`; `present` are the names that are set afterwards. */
export function withTimes(
  times: TraitTimes,
  touched: readonly string[],
  present: ReadonlySet<string>,
  at: number,
): TraitTimes {
  // Nearly always: a call that says every trait again.
  if (at >= times.latest && isEmpty(times.other) && touched.length === present.size && touched.every((name) => present.has(name)))
    return { latest: at, other: times.other };
  const latest = Math.max(times.latest, at);
  const all = new Map(Object.entries(times.other));
  if (latest > times.latest) for (const name of present) if (!all.has(name)) all.set(name, times.latest);
  for (const name of touched) all.set(name, at);
  const set = [...all].filter(([name, time]) => time !== latest && present.has(name));
  const removed = [...all].filter(([name]) => !present.has(name));
  return { latest, other: Object.fromEntries([...set, ...newest(removed)]) };
}

function isEmpty(other: TraitTimes['other']): boolean {
  for (const name in other) if (Object.hasOwn(other, name)) return false;
  return true;
}

const newest = (removed: [string, number][]): [string, number][] =>
  removed.length <= MAX_REMOVED ? removed : removed.toSorted(([, a], [, b]) => b - a).slice(0, MAX_REMOVED);
