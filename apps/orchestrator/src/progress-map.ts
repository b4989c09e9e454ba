import type { Profile } from '@tidings/contracts';
import { nextWake, noProgress, type Heard, type Instant, type Progress, type Run } from '@tidings/journey';

/** Whose progress. */
export interface ProfileRef {
  readonly workspace: string;
  readonly profileId: string;
}

/** A row of `orchestrator.progress`, as it is read. */
export interface StoredProgress {
  readonly workspace: string;
  readonly profile_id: string;
  readonly heard: Heard;
  readonly runs: readonly Run[];
  readonly profile: Profile | null;
  readonly formerly: Progress['formerly'];
  readonly merged_into: string | null;
}

/** A row as it is written. */
export interface ChangedProgress extends StoredProgress {
  readonly wake_at: Instant | null;
}

/** The progress of the profiles at hand, and which of it changed. */
export class ProgressMap {
  private readonly all = new Map<string, Progress>();
  private readonly touched = new Map<string, ProfileRef>();
  private readonly stored = new Set<string>();
  /** What profiles were merged into. */
  private readonly ways = new Map<string, string>();

  static of(rows: readonly StoredProgress[]): ProgressMap {
    const map = new ProgressMap();
    for (const row of rows) map.take(row);
    return map;
  }

  /** Takes in a row as it was read. */
  take({ workspace, profile_id: profileId, heard, runs, profile, formerly, merged_into: into }: StoredProgress): void {
    const key = keyOf({ workspace, profileId });
    this.stored.add(key);
    this.all.set(key, { heard, runs, profile, formerly });
    if (into !== null) this.ways.set(key, into);
  }

  /** Whether the row of this profile was read. */
  has(ref: ProfileRef): boolean {
    return this.stored.has(keyOf(ref));
  }

  /** Whose an id is by now: its own, or that of the profile it was merged into. */
  rootOf({ workspace, profileId }: ProfileRef): ProfileRef {
    const into = this.ways.get(keyOf({ workspace, profileId }));
    return into === undefined ? { workspace, profileId } : this.rootOf({ workspace, profileId: into });
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

  /** Leaves of a profile only the way to the one that it was merged into, and what was heard of it. */
  dissolve(ref: ProfileRef, into: string): void {
    this.ways.set(keyOf(ref), into);
    this.set(ref, { ...noProgress, heard: this.of(ref).heard });
  }

  /** Rows that changed: those that were there, and those that were not. */
  changed(): { readonly known: ChangedProgress[]; readonly fresh: ChangedProgress[] } {
    const known: ChangedProgress[] = [];
    const fresh: ChangedProgress[] = [];
    for (const [key, ref] of this.touched) (this.stored.has(key) ? known : fresh).push(this.rowOf(ref));
    return { known, fresh };
  }

  private rowOf(ref: ProfileRef): ChangedProgress {
    const { workspace, profileId } = ref;
    const progress = this.of(ref);
    const { heard, runs, profile, formerly } = progress;
    const root = this.rootOf(ref).profileId;
    const merged_into = root === profileId ? null : root;
    return {
      workspace,
      profile_id: profileId,
      heard,
      runs,
      profile,
      formerly,
      merged_into,
      wake_at: nextWake(progress),
    };
  }
}

/** No workspace id has a colon in it. */
const keyOf = ({ workspace, profileId }: ProfileRef): string => `${workspace}:${profileId}`;
