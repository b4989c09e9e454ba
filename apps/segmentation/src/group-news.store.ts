import { Injectable } from '@nestjs/common';
import { Database } from '@tidings/postgres';
import type { GroupRef } from './group-map.js';

/** A walk through the members of a group, as far as it has come. */
export interface Walk extends GroupRef {
  /** When a trait of the group changed last, in ms. */
  readonly changedAt: number;
  /** The version that the walk began with. */
  readonly walked: number;
  /** The last member that was told; empty at the beginning. */
  readonly cursor: string;
}

interface NewsRow {
  readonly workspace: string;
  readonly group_id: string;
  readonly changed_at: number;
  readonly walked: number;
  readonly cursor: string;
}

/**
 * Which members have been told that their groups changed. Whoever changes a group holds profiles and announces news; so a
 * walk never holds news and profiles at once. What a crash leaves undone is done again when the claim ends.
 */
@Injectable()
export class GroupNewsStore {
  constructor(private readonly db: Database) {}

  /** Takes on walks that are due, for so long; those of other replicas are left to them. */
  async claim(workspaces: readonly string[], now: number, { limit, forMs }: Claim): Promise<readonly Walk[]> {
    const rows = await this.db.transact({ workspaces }, (tx) =>
      tx.query<NewsRow>(
        `with due as materialized (
           select workspace, group_id from segmentation.group_news where next_at <= $1 order by next_at limit $2 for update skip locked)
         update segmentation.group_news n
            set next_at = $1 + $3::int8, walked = case when n.cursor = '' then n.version else n.walked end
           from due where n.workspace = due.workspace and n.group_id = due.group_id
         returning n.workspace, n.group_id, n.changed_at, n.walked, n.cursor`,
        [now, limit, forMs],
      ),
    );
    return rows.map((row) => ({
      workspace: row.workspace,
      groupId: row.group_id,
      changedAt: row.changed_at,
      walked: row.walked,
      cursor: row.cursor,
    }));
  }

  /** Has the next members behind the cursor looked at, and says who they are. */
  tell({ workspace, groupId, cursor }: Walk, now: number, limit: number): Promise<readonly string[]> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const members = await tx.query<{ profile_id: string }>(
        `select profile_id from segmentation.group_member
          where workspace = $1 and group_id = $2 and profile_id > $3 order by profile_id limit $4`,
        [workspace, groupId, cursor, limit],
      );
      const ids = members.map(({ profile_id: id }) => id);
      await tx.query(
        `with told as materialized (
           select profile_id from segmentation.profile
            where workspace = $1 and profile_id = any($2::text[]) and merged_into is null order by profile_id for update)
         update segmentation.profile p set wake_at = least(p.wake_at, $3)
           from told where p.workspace = $1 and p.profile_id = told.profile_id`,
        [workspace, ids, now],
      );
      return ids;
    });
  }

  /** Notes how far a walk has come; null at its end, where it begins anew if the group changed meanwhile. */
  async advance({ workspace, groupId, walked }: Walk, cursor: string | null, now: number): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, async (tx) => {
      if (cursor === null)
        await tx.query(`delete from segmentation.group_news where workspace = $1 and group_id = $2 and version = $3`, [
          workspace,
          groupId,
          walked,
        ]);
      await tx.query(
        `update segmentation.group_news set cursor = $3, next_at = $4 where workspace = $1 and group_id = $2`,
        [workspace, groupId, cursor ?? '', now],
      );
    });
  }

  /** Has a walk wait until then. */
  async postpone({ workspace, groupId }: Walk, until: number): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query('update segmentation.group_news set next_at = $3 where workspace = $1 and group_id = $2', [
        workspace,
        groupId,
        until,
      ]),
    );
  }
}

/** How many walks are taken on at once, and for how long they are nobody else's. */
export interface Claim {
  readonly limit: number;
  readonly forMs: number;
}
