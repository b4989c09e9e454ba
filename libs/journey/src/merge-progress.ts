import type { Effect } from './effect.js';
import { withSources } from './heard.js';
import { latest, type Instant } from './instant.js';
import { isActive, type Progress, type Run } from './run.js';

/** A profile of which nothing is left but the id, at `at`, and the ids that had been merged into it. */
export interface Dissolved {
  readonly profileId: string;
  readonly progress: Progress;
  readonly at: Instant;
}

/** A profile's progress with that of another in it, and what the world must hear of it. */
export interface MergedProgress {
  readonly progress: Progress;
  readonly effects: readonly Effect[];
}

/**
 * Moves the runs of a profile that was merged into this one. Of two on the same way, by journey and key, the further one
 * goes on and the other ends, with what it asked for called back; all others go on as they are.
 */
export function mergeProgress(into: Progress, { profileId, progress: previous, at }: Dissolved): MergedProgress {
  const moved = previous.runs.map((run) => ({ ...run, formerly: [...(run.formerly ?? []), profileId] }));
  const runs: Run[] = [...into.runs];
  const effects: Effect[] = [];
  for (const run of moved) {
    const index = isActive(run) ? runs.findIndex((other) => isActive(other) && isSameWay(other, run)) : -1;
    const rival = runs[index];
    if (rival === undefined) {
      runs.push(run);
      continue;
    }
    const [further, other] = run.visit > rival.visit ? [run, rival] : [rival, run];
    runs[index] = further;
    effects.push(...ended(other, at));
  }
  const ids = new Set([...(into.formerly?.ids ?? []), profileId, ...(previous.formerly?.ids ?? [])]);
  return {
    progress: {
      ...into,
      heard: withSources(into.heard, Object.keys(previous.heard)),
      runs,
      profile: into.profile ?? previous.profile,
      formerly: { ids: [...ids], at },
    },
    effects,
  };
}

const isSameWay = (one: Run, other: Run): boolean => one.journey === other.journey && one.key === other.key;

const ended = (run: Run, at: Instant): readonly Effect[] => [
  { kind: 'run-ended', run, outcome: 'merged', at },
  { kind: 'recall-run', run, at: latest(at, run.since, run.wakeAt) },
];
