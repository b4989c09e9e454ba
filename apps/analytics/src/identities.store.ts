import { Injectable } from '@nestjs/common';
import type { ProfileActivity } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';

const rows = rowSet({ workspace: 'text', profile_id: 'text', merged_into: 'text' });

/**
 * Every id of the person behind an id, as a list to compare with: SQL for a statement that has the workspace and the id as
 * these expressions. What was merged may be heard of in any order, so ways are followed from end to end.
 */
export const idsOfPerson = (workspace: string, profileId: string): string => `array(
  with recursive up as (
    select ${profileId} as id
     union
    select a.merged_into from up join analytics.merged_profile a on a.workspace = ${workspace} and a.profile_id = up.id),
  down as (
    select id from up
     union
    select a.profile_id from down join analytics.merged_profile a on a.workspace = ${workspace} and a.merged_into = down.id)
  select id from down)`;

/** Which profiles became part of others. Messages keep the id that they went out under; who looks for them asks for all of a person. */
@Injectable()
export class IdentitiesStore {
  /** Keeps what these activities merged. */
  async keep(tx: Tx, activities: readonly ProfileActivity[]): Promise<void> {
    const merged = new Map<string, { workspace: string; profile_id: string; merged_into: string }>();
    for (const { workspace, profileId, merged: ids = [] } of activities) {
      for (const id of ids)
        merged.set(JSON.stringify([workspace, id]), { workspace, profile_id: id, merged_into: profileId });
    }
    if (merged.size === 0) return;
    await tx.query(
      `insert into analytics.merged_profile (${rows.names}) select ${rows.names} from ${rows.source()} order by 1, 2
       on conflict (workspace, profile_id) do update set merged_into = excluded.merged_into`,
      rows.parameters([...merged.values()]),
    );
  }
}
