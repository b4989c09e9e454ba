import type { GroupOf, GroupState } from '@tidings/profile';

/** A row of `segmentation.profile_group`. */
export interface GroupRow {
  readonly workspace: string;
  readonly group_id: string;
  readonly created_at: Date;
  readonly version: number;
  readonly traits: GroupState['traits'];
  readonly times: GroupState['traitTimes'];
  readonly length: number;
  readonly changed_at: number;
}

interface Held {
  readonly workspace: string;
  readonly before: GroupState;
  readonly after: GroupState;
}

/** Which group. */
export interface GroupRef {
  readonly workspace: string;
  readonly groupId: string;
}

/** No workspace id has a colon in it. */
export const groupKey = ({ workspace, groupId }: GroupRef): string => `${workspace}:${groupId}`;

/** The groups at hand, and what becomes of them. */
export class GroupMap {
  private readonly held = new Map<string, Held>();

  /** Takes in a row as it was read. */
  take(row: GroupRow): void {
    const group: GroupState = {
      id: row.group_id,
      version: row.version,
      traits: row.traits,
      traitTimes: row.times,
      length: row.length,
      changedAt: row.changed_at,
      createdAt: row.created_at.toISOString(),
    };
    this.held.set(keyOfRow(row), { workspace: row.workspace, before: group, after: group });
  }

  has(ref: GroupRef): boolean {
    return this.held.has(groupKey(ref));
  }

  /** What is known of the groups of a workspace. */
  of(workspace: string): GroupOf {
    return (groupId) => this.held.get(groupKey({ workspace, groupId }))?.after ?? null;
  }

  /** Takes over what became of a group that was read. */
  set(workspace: string, after: GroupState): void {
    const key = groupKey({ workspace, groupId: after.id });
    const held = this.held.get(key);
    if (held !== undefined) this.held.set(key, { ...held, after });
  }

  /** Rows of the groups of which something was said, and those among them of which something changed. */
  changed(): { readonly said: GroupRow[]; readonly news: GroupRow[] } {
    const changed = [...this.held.values()].filter(({ before, after }) => before !== after);
    return {
      said: changed.map(rowOf),
      news: changed.filter(({ before, after }) => before.version !== after.version).map(rowOf),
    };
  }
}

const keyOfRow = ({ workspace, group_id: groupId }: GroupRow): string => groupKey({ workspace, groupId });

const rowOf = ({ workspace, after }: Held): GroupRow => ({
  workspace,
  group_id: after.id,
  created_at: new Date(after.createdAt),
  version: after.version,
  traits: after.traits,
  times: after.traitTimes,
  length: after.length,
  changed_at: after.changedAt,
});
