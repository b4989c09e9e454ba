import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@tidings/postgres';
import { historiesOf, type Asked } from './history-reading.store.js';
import { withGroups } from './group.store.js';
import { idsOf, type KnownProfile } from './known-profile.js';
import type { Histories } from './profile.store.js';
import { fromRow, type ProfileRow } from './profile-row.js';
import { inShare, SHARE } from './segmentation.schema.js';

/** Whom a question is about: everybody, or the share that estimates are made from. */
export type Among = 'all' | 'share';

/** The segments that are asked for, and the masks that are wanted. */
export interface Overlapped {
  readonly workspace: string;
  readonly segments: readonly string[];
  readonly wanted: readonly number[];
  /** How many of the wanted are to be named. */
  readonly some: number;
}

/** How many profiles are in just these of some segments: bit n of the mask is the n-th; those in none are left out. */
export interface Overlaps {
  readonly counts: ReadonlyMap<number, number>;
  /** Some that are wanted. */
  readonly some: readonly string[];
}

interface Overlapping {
  readonly mask: number;
  readonly count: number;
  readonly profile_id: string | null;
}

/** Audiences of segments that are not published. Changes nothing, and answers in time whatever the size of a workspace. */
@Injectable()
export class PreviewStore {
  constructor(private readonly db: Database) {}

  /** How segments overlap. */
  overlaps({ workspace, segments, wanted, some }: Overlapped, among: Among): Promise<Overlaps> {
    return this.overlapping(workspace, overlapsAmong(among), [workspace, segments, wanted, some]);
  }

  /** How they overlap with those of them that have few members: each of these members is looked up. */
  overlapsWith({ workspace, segments, wanted, some }: Overlapped, few: readonly string[]): Promise<Overlaps> {
    return this.overlapping(workspace, overlapsWithFew, [workspace, segments, wanted, some, few]);
  }

  /** Some profiles that are in none of these segments. */
  async inNone({ workspace, segments, some }: Omit<Overlapped, 'wanted'>, among: Among): Promise<readonly string[]> {
    return idsIn(
      await this.read(workspace, (tx) =>
        tx.query<{ profile_id: string }>(
          `select profile_id ${live(among)}
              and not exists (select from segmentation.segment_member m where m.workspace = $1 and m.segment = any($2::text[]) and m.profile_id = p.profile_id)
            limit $3`,
          [workspace, segments, some],
        ),
      ),
    );
  }

  /** How many profiles there are. */
  async count(workspace: string, among: Among): Promise<number> {
    return this.read(workspace, (tx) => countOf(tx, workspace, among));
  }

  /** Profiles that chance picks, each as likely as any other. */
  async pick(workspace: string, among: Among, size: number): Promise<readonly string[]> {
    return idsIn(
      await this.read(workspace, (tx) =>
        tx.query<{ profile_id: string }>(`select profile_id ${live(among)} order by random() limit $2`, [workspace, size]),
      ),
    );
  }

  /** What is known of these profiles, and what of their history is needed; those that are gone are left out. */
  look(workspace: string, ids: readonly string[], asking: Pick<Asked, 'rules' | 'at'>): Promise<{ profiles: readonly KnownProfile[]; histories: Histories }> {
    return this.read(workspace, async (tx) => {
      const rows = await tx.query<ProfileRow>(
        `select p.* from segmentation.profile p where workspace = $1 and profile_id = any($2::text[]) and merged_into is null`,
        [workspace, ids],
      );
      const { known: profiles } = await withGroups(tx, workspace, rows.map(fromRow));
      const asked = profiles.map((known) => ({ ref: { workspace, profileId: known.profile.id }, ids: idsOf(known), activeDays: known.profile.activeDays, ...asking }));
      return { profiles, histories: await historiesOf(tx, asked) };
    });
  }

  private async overlapping(workspace: string, sql: string, parameters: readonly unknown[]): Promise<Overlaps> {
    const rows = await this.read(workspace, (tx) => tx.query<Overlapping>(sql, parameters));
    const counts = new Map(rows.filter(({ profile_id: id }) => id === null).map(({ mask, count }) => [mask, count]));
    return { counts, some: rows.flatMap(({ profile_id: id }) => (id === null ? [] : [id])) };
  }

  private read<T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transact({ workspaces: [workspace] }, work);
  }
}

/** Up to so many profiles everybody is counted. */
export const COUNTED_PROFILES = 30_000;

/** How many profiles there are: all of them where they are few, else estimated from the share. */
export async function profilesOf(tx: Tx, workspace: string): Promise<{ readonly profiles: number; readonly method: 'exact' | 'estimated' }> {
  const estimated = (await countOf(tx, workspace, 'share')) * SHARE;
  if (estimated > COUNTED_PROFILES) return { profiles: estimated, method: 'estimated' };
  return { profiles: await countOf(tx, workspace, 'all'), method: 'exact' };
}

async function countOf(tx: Tx, workspace: string, among: Among): Promise<number> {
  const [row] = await tx.query<{ count: number }>(`select count(*) as count ${live(among)}`, [workspace]);
  return row?.count ?? 0;
}

const only = (among: Among): string => (among === 'share' ? ` and ${inShare}` : '');

const live = (among: Among): string => `from segmentation.profile p where workspace = $1 and merged_into is null${only(among)}`;

const idsIn = (rows: readonly { readonly profile_id: string }[]): readonly string[] => rows.map(({ profile_id: id }) => id);

const maskOf = `bit_or(1 << (array_position($2::text[], segment) - 1)) as mask`;

const counts = `
  select mask, count(*) as count, null as profile_id from m group by mask
   union all
  (select mask, 0, profile_id from m where mask = any($3::int[]) limit $4)`;

const overlapsAmong = (among: Among): string => `
  with m as materialized (
    select profile_id, ${maskOf}
      from segmentation.segment_member where workspace = $1 and segment = any($2::text[])${only(among)} group by profile_id)
  ${counts}`;

const overlapsWithFew = `
  with f as materialized (
    select distinct profile_id from segmentation.segment_member where workspace = $1 and segment = any($5::text[])),
  m as materialized (
    select f.profile_id, o.mask
      from f cross join lateral (
        select ${maskOf} from segmentation.segment_member
         where workspace = $1 and segment = any($2::text[]) and profile_id = f.profile_id) o)
  ${counts}`;
