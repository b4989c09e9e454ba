import { compile, mentionsOf, type ComputedTraits, type Matches, type Person, type Subject } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import type { Counters } from './counters.js';
import type { Membership } from './membership.js';
import { countersAt } from './next-change.js';
import { Rules, type CounterRule } from './rules.js';
import type { Segments } from './segments.js';
import { idsOf, subjectOf } from './subject.js';

/** A segment whose members are those of whom a condition held at one moment, whatever becomes of them later. */
export interface Snapshot {
  readonly id: string;
  /** The counter that keeps the answer: 1 where the condition held, 0 where it did not. */
  readonly key: string;
  /** The moment, in ms. */
  readonly takenAt: number;
  readonly matches: Matches;
  /** What is counted to take it, and not kept for it any longer. */
  readonly rules: readonly CounterRule[];
  /** Whether its condition asks for other segments. */
  readonly asksForSegments: boolean;
}

/** What a snapshot is made of. */
interface Taking {
  readonly id: string;
  readonly where: Condition;
  readonly takenAt: number;
}

const PREFIX = 'snapshot:';

const keyOf = (id: string, takenAt: number): string => `${PREFIX}${takenAt.toString(36)}:${id}`;

/** Makes a snapshot ready to be taken. */
export function snapshotOf({ id, where, takenAt }: Taking, traits: ComputedTraits): Snapshot {
  const { questions, segments } = mentionsOf(where, traits);
  const rules = new Rules();
  for (const question of questions) if (question.kind !== 'trait') rules.keep(question);
  return {
    id,
    key: keyOf(id, takenAt),
    takenAt,
    matches: compile(where),
    rules: [...rules.byCounter().values()],
    asksForSegments: segments.size > 0,
  };
}

/** Whether somebody is in a snapshot, as it was taken of them. */
export const wasTaken = ({ id, takenAt }: Pick<Taking, 'id' | 'takenAt'>): Matches => {
  const key = keyOf(id, takenAt);
  return ({ done }: Subject) => done.count(key, null) === 1;
};

/** The snapshots that were not taken of a profile yet; who was not known when one was taken, since `createdAt` in ms, has no part in it. */
export const untaken = ({ snapshots }: Pick<Segments, 'snapshots'>, counters: Counters, createdAt: number): readonly Snapshot[] =>
  snapshots.filter(({ key, takenAt }) => createdAt <= takenAt && counters[key] === undefined);

/** That a profile of which is first heard at `now` has no part in what was taken since. */
export const noneTaken = ({ snapshots }: Pick<Segments, 'snapshots'>, now: number): Counters =>
  Object.fromEntries(snapshots.filter(({ takenAt }) => now <= takenAt).map(({ key }) => [key, 0]));

/** What was taken of a profile, of all its counters: what no history can tell again. */
export const takenIn = (counters: Counters): Counters =>
  Object.fromEntries(Object.entries(counters).filter(([key]) => isTaken(key)));

/** Whether a counter is what was taken. */
export const isTaken = (key: string): boolean => key.startsWith(PREFIX);

/** What was taken of several profiles that are one person: in a snapshot is who was in it as any of them. */
export function takenOfAll(all: readonly Counters[]): Counters {
  const joined: Record<string, number> = {};
  for (const [key, held] of all.flatMap((counters) => Object.entries(takenIn(counters))))
    joined[key] = Math.max(joined[key] ?? 0, held === 1 ? 1 : 0);
  return joined;
}

/**
 * Takes the snapshots that were not taken of a profile yet, each as of its own moment, or as of the last that the profile was
 * looked at where that is later. `counters` has what was done until then.
 */
export function taken(
  segments: Segments,
  { evaluatedAt, counters: kept }: Pick<Membership, 'evaluatedAt' | 'counters'>,
  person: Person,
  { counters, createdAt }: { readonly counters: Counters; readonly createdAt: number },
): Counters {
  const answers: Record<string, number> = {};
  // By rank: one that asks for another comes after it.
  for (const snapshot of untaken(segments, kept, createdAt)) {
    const at = Math.max(evaluatedAt, snapshot.takenAt);
    answers[snapshot.key] = holds(segments, snapshot, person, { counters: { ...counters, ...answers }, at }) ? 1 : 0;
  }
  return answers;
}

function holds(
  segments: Segments,
  { rules, matches, asksForSegments }: Snapshot,
  person: Person,
  { counters, at }: { readonly counters: Counters; readonly at: number },
): boolean {
  const own = rules.map((rule) => [rule.key, rule] as const);
  const asked: Segments = {
    ...segments,
    byCounter: new Map(asksForSegments ? [...own, ...segments.byCounter] : own),
    byClock: new Map(),
  };
  const then = countersAt(asked, person, counters, at);
  const held = new Set(asksForSegments ? idsOf(asked, person, then, at) : []);
  return matches(subjectOf(asked, person, then, at, held));
}
