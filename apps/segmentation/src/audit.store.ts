import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@tidings/postgres';
import type { Kept } from './audit.js';
import { historiesOf, type Asked } from './history-reading.store.js';
import { toBeTold, withGroups } from './group.store.js';
import { idsOf, keyOf, type KnownProfile } from './known-profile.js';
import { fromRow, type ProfileRow } from './profile-row.js';

/** The next profiles of a walk, as they are kept at one moment each. */
export interface AuditPage {
  readonly profiles: readonly Kept[];
  /** Members between the same ids that are no profiles. */
  readonly orphans: readonly ListedMember[];
  /** The last id that was looked at; null when there is nobody behind it. */
  readonly last: string | null;
}

/** A membership as lists of members have it. */
export interface ListedMember {
  readonly segment: string;
  readonly profile_id: string;
}

/** What of a profile's history is needed. */
export type Asking = (known: KnownProfile) => Pick<Asked, 'rules' | 'at'>;

/** Where an audit begins to look, and how many profiles it looks at. */
export interface Stretch {
  readonly after: string;
  readonly limit: number;
}

/** What is kept of memberships, for those who check it. Changes nothing. */
@Injectable()
export class AuditStore {
  constructor(private readonly db: Database) {}

  /**
   * The next profiles behind an id, in the order of their ids. Their rows are held until everything about them was read, as
   * everybody does who changes any of it; so what was read of a profile is of one moment.
   */
  page(workspace: string, { after, limit }: Stretch, asking: Asking): Promise<AuditPage> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const rows = await tx.query<ProfileRow>(
        `select p.* from segmentation.profile p
          where workspace = $1 and profile_id > $2 and merged_into is null order by profile_id limit $3 for share`,
        [workspace, after, limit],
      );
      const last = rows.length < limit ? null : (rows.at(-1)?.profile_id ?? null);
      const listed = await tx.query<ListedMember>(membersBetween, [workspace, after, last]);
      const { known, groups } = await withGroups(tx, workspace, rows.map(fromRow));
      const told = await toBeTold(tx, workspace, rows, groups);
      const asked = known.map((each) => askedOf(workspace, each, asking));
      const histories = await historiesOf(tx, asked, 'along');
      const byProfile = Map.groupBy(listed, ({ profile_id: id }) => id);
      const profiles = known.map((each) => ({
        known: each,
        members: (byProfile.get(each.profile.id) ?? []).map(({ segment }) => segment),
        history: histories.get(keyOf({ workspace, profileId: each.profile.id })) ?? [],
        isToBeTold: told.has(each.profile.id),
      }));
      for (const { profile } of known) byProfile.delete(profile.id);
      return { profiles, orphans: await orphansOf(tx, workspace, [...byProfile.values()].flat()), last };
    });
  }

  /** How many profiles there are. */
  async count(workspace: string): Promise<number> {
    const rows = await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<{ count: number }>(
        'select count(*) as count from segmentation.profile where workspace = $1 and merged_into is null',
        [workspace],
      ),
    );
    return rows[0]?.count ?? 0;
  }

  /** The id of a profile that chance picks, or nothing where the workspace is too small a part of all to be hit. */
  async somebody(workspace: string): Promise<string> {
    const rows = await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<{ profile_id: string }>(
        `select profile_id from segmentation.profile
                tablesample system ((select least(100, 100.0 * 10000 / greatest(reltuples, 1))::real from pg_class where oid = 'segmentation.profile'::regclass))
          where workspace = $1 order by random() limit 1`,
        [workspace],
      ),
    );
    return rows[0]?.profile_id ?? '';
  }
}

const askedOf = (workspace: string, known: KnownProfile, asking: Asking): Asked => ({
  ref: { workspace, profileId: known.profile.id },
  ids: idsOf(known),
  // Who checks takes nobody's word for it.
  activeDays: null,
  ...asking(known),
});

/** The key begins with the segment, so each segment that has members is found by a step, and looked into for the stretch. */
const membersBetween = `
  with recursive s as (
    (select segment from segmentation.segment_member where workspace = $1 order by segment limit 1)
     union all
    select (select m.segment from segmentation.segment_member m where m.workspace = $1 and m.segment > s.segment order by m.segment limit 1)
      from s where s.segment is not null)
  select m.segment, m.profile_id
    from s cross join lateral (
      select segment, profile_id from segmentation.segment_member m
       where m.workspace = $1 and m.segment = s.segment and m.profile_id > $2 and ($3::text is null or m.profile_id <= $3)) m`;

/** Somebody may have become a profile since the rows were read: both are looked at at once. */
async function orphansOf(tx: Tx, workspace: string, suspects: readonly ListedMember[]): Promise<readonly ListedMember[]> {
  if (suspects.length === 0) return [];
  return tx.query<ListedMember>(
    `select m.segment, m.profile_id
       from unnest($2::text[], $3::text[]) as k(segment, profile_id)
       join segmentation.segment_member m on m.workspace = $1 and m.segment = k.segment and m.profile_id = k.profile_id
      where not exists (select from segmentation.profile p where p.workspace = $1 and p.profile_id = m.profile_id and p.merged_into is null)
      order by m.profile_id, m.segment`,
    [workspace, suspects.map(({ segment }) => segment), suspects.map(({ profile_id: id }) => id)],
  );
}
