import type { Profile } from '@tidings/contracts';
import { nextWake, noProgress, type Instant, type Progress, type Run } from '@tidings/journey';

/** Whose progress. */
export interface ProfileRef {
  readonly workspace: string;
  readonly profileId: string;
}

/** A row of `orchestrator.progress`, as it is read. */
export interface StoredProgress {
  readonly workspace: string;
  readonly profile_id: string;
  readonly heard: Progress['heard'];
  readonly runs: readonly Run[];
  readonly profile: Profile | null;
}

/** A row as it is written. */
export interface ChangedProgress extends StoredProgress {
  readonly wake_at: Instant | null;
}

/** The progress of the profiles at hand, and which of it changed. */
export class ProgressMap {
  private readonly all = new Map<string, Progress>();
  private readonly touched = new Map<string, ProfileRef>();

  static of(rows: readonly StoredProgress[]): ProgressMap {
    const map = new ProgressMap();
    for (const { workspace, profile_id: profileId, heard, runs, profile } of rows) {
      map.all.set(keyOf({ workspace, profileId }), { heard, runs, profile });
    }
    return map;
  }

  /** How far this profile has come; at the beginning when nothing is known of it. */
  of(ref: ProfileRef): Progress {
    return this.all.get(keyOf(ref)) ?? noProgress;
  }

  /** Takes over what became of a profile; the same object as before is no change. */
  set(ref: ProfileRef, progress: Progress): void {
    const key = keyOf(ref);
    if (this.all.get(key) === progress) return;
    this.all.set(key, progress);
    this.touched.set(key, ref);
  }

  changed(): readonly ChangedProgress[] {
    return [...this.touched.values()].map((ref) => {
      const progress = this.of(ref);
      const { heard, runs, profile } = progress;
      return { workspace: ref.workspace, profile_id: ref.profileId, heard, runs, profile, wake_at: nextWake(progress) };
    });
  }
}

/** No workspace id has a colon in it. */
const keyOf = ({ workspace, profileId }: ProfileRef): string => `${workspace}:${profileId}`;
