import { Injectable } from '@nestjs/common';
import type { Values } from '@tidings/contracts';
import { Database, type Tx } from '@tidings/postgres';
import type { GroupRef } from './group-map.js';

/** A group as lists and pages read it. */
export interface ReadGroup {
  readonly group_id: string;
  readonly created_at: Date;
  readonly version: number;
  readonly traits: Values;
}

/** A member of a group, and since when. */
export interface ReadGroupMember {
  readonly profile_id: string;
  readonly since: number;
}

const columns = 'group_id, created_at, version, traits';

/** Groups and who belongs to them, for those who look at them. Changes nothing. */
@Injectable()
export class GroupReading {
  constructor(private readonly db: Database) {}

  /** Groups behind a cursor, in the order of their ids. */
  list(workspace: string, after: string, limit: number): Promise<readonly ReadGroup[]> {
    return this.read(workspace, (tx) =>
      tx.query<ReadGroup>(
        `select ${columns} from segmentation.profile_group where workspace = $1 and group_id > $2 order by group_id limit $3`,
        [workspace, after, limit],
      ),
    );
  }

  /** One group and how many belong to it; or undefined. */
  group({ workspace, groupId }: GroupRef): Promise<(ReadGroup & { readonly members: number }) | undefined> {
    return this.read(workspace, async (tx) => {
      const rows = await tx.query<ReadGroup & { readonly members: number }>(
        `select ${columns},
                (select count(*) from segmentation.group_member m where m.workspace = $1 and m.group_id = $2) as members
           from segmentation.profile_group where workspace = $1 and group_id = $2`,
        [workspace, groupId],
      );
      return rows[0];
    });
  }

  /** Members of a group behind a cursor, in the order of their ids. */
  members({ workspace, groupId }: GroupRef, after: string, limit: number): Promise<readonly ReadGroupMember[]> {
    return this.read(workspace, (tx) =>
      tx.query<ReadGroupMember>(
        `select profile_id, since from segmentation.group_member
          where workspace = $1 and group_id = $2 and profile_id > $3 order by profile_id limit $4`,
        [workspace, groupId, after, limit],
      ),
    );
  }

  private read<T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transact({ workspaces: [workspace] }, work);
  }
}
