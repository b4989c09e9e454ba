import { Injectable } from '@nestjs/common';
import { InfrastructureError } from '@tidings/bus';
import { Database, type Tx } from '@tidings/postgres';
import { historiesOf, type Asked } from './event-history.store.js';
import { idsOf, type KnownProfile } from './known-profile.js';
import type { Histories } from './profile.store.js';
import { fromRow, type ProfileRow } from './profile-row.js';

/** How many profiles are in just these of some segments: bit n of the mask is the n-th. */
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

/** Profiles that chance picked, and how many there are in all. */
export interface Picked {
  readonly ids: readonly string[];
  readonly all: number;
}

/** Up to here everybody is counted, and chance picks from all. */
const COUNTED = 100_000;
/** Beyond, chance first picks pages of the table with about so many. */
const DRAWN = 10_000;
const EXACT_MS = 1_300;
const PICK_MS = 600;

/** Audiences of segments that are not published. Changes nothing, and answers in time whatever the size of a workspace. */
@Injectable()
export class PreviewStore {
  constructor(private readonly db: Database) {}

  /** How segments overlap, counted; null when that takes too long. Both counts at once, each on a connection of its own. */
  async overlaps(workspace: string, segments: readonly string[], wanted: readonly number[], some: number): Promise<Overlaps | null> {
    const [rows, all] = await Promise.all([
      this.within(workspace, EXACT_MS, (tx) => tx.query<Overlapping>(overlapping, [workspace, segments, wanted, some])),
      this.countOf(workspace, EXACT_MS),
    ]);
    if (rows === null || all === null) return null;
    const counts = new Map(rows.filter(({ profile_id: id }) => id === null).map(({ mask, count }) => [mask, count]));
    const inAny = [...counts.values()].reduce((sum, count) => sum + count, 0);
    counts.set(0, Math.max(0, all - inAny));
    const found = rows.flatMap(({ profile_id: id }) => (id === null ? [] : [id]));
    if (!wanted.includes(0) || found.length >= some) return { counts, some: found };
    const others = await this.within(workspace, PICK_MS, (tx) =>
      tx.query<{ profile_id: string }>(inNone, [workspace, segments, some - found.length]),
    );
    return { counts, some: [...found, ...(others ?? []).map(({ profile_id: id }) => id)] };
  }

  /** Profiles that chance picks, each as likely as any other. */
  async pick(workspace: string, size: number): Promise<Picked> {
    const [counted] = await this.read(workspace, (tx) =>
      tx.query<{ count: number }>(`select count(*) as count from (select ${live} limit $2) p`, [workspace, COUNTED + 1]),
    );
    const count = counted?.count ?? 0;
    if (count <= COUNTED) {
      const rows = await this.read(workspace, (tx) =>
        tx.query<{ profile_id: string }>(`select profile_id ${live} order by random() limit $2`, [workspace, size]),
      );
      return { ids: rows.map(({ profile_id: id }) => id), all: count };
    }
    return this.pickOfMany(workspace, size);
  }

  /** What is known of these profiles, and what of their history is needed; those that are gone are left out. */
  look(workspace: string, ids: readonly string[], asking: Pick<Asked, 'rules' | 'at'>): Promise<{ profiles: readonly KnownProfile[]; histories: Histories }> {
    return this.read(workspace, async (tx) => {
      const rows = await tx.query<ProfileRow>(
        `select p.* from segmentation.profile p where workspace = $1 and profile_id = any($2::text[]) and merged_into is null`,
        [workspace, ids],
      );
      const profiles = rows.map(fromRow);
      const asked = profiles.map((known) => ({ ref: { workspace, profileId: known.profile.id }, ids: idsOf(known), ...asking }));
      return { profiles, histories: await historiesOf(tx, asked) };
    });
  }

  /** The share of the table that is drawn follows from an estimate of it; where all cannot be counted in time, they are estimated by what was drawn. */
  private async pickOfMany(workspace: string, size: number): Promise<Picked> {
    const all = await this.countOf(workspace, PICK_MS);
    const rows = await this.read(workspace, (tx) =>
      tx.query<{ profile_id: string; percent: number; drawn: number }>(drawing, [workspace, size, DRAWN, all]),
    );
    const estimate = rows[0] === undefined ? COUNTED : Math.round((rows[0].drawn * 100) / rows[0].percent);
    return { ids: rows.map(({ profile_id: id }) => id), all: all ?? estimate };
  }

  private countOf(workspace: string, ms: number): Promise<number | null> {
    return this.within(workspace, ms, async (tx) => {
      const [row] = await tx.query<{ count: number }>(`select count(*) as count ${live}`, [workspace]);
      return row?.count ?? 0;
    });
  }

  /** What comes of work none of whose statements may take longer; null when one does. */
  private async within<T>(workspace: string, ms: number, work: (tx: Tx) => Promise<T>): Promise<T | null> {
    try {
      return await this.read(workspace, async (tx) => {
        await tx.query(`select set_config('statement_timeout', $1, true), set_config('work_mem', '64MB', true)`, [String(ms)]);
        return work(tx);
      });
    } catch (error) {
      if (error instanceof InfrastructureError && isCancelled(error.cause)) return null;
      throw error;
    }
  }

  private read<T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transact({ workspaces: [workspace] }, work);
  }
}

const isCancelled = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && Reflect.get(cause, 'code') === '57014';

const live = `from segmentation.profile where workspace = $1 and merged_into is null`;

const overlapping = `
  with m as materialized (
    select profile_id, bit_or(1 << (array_position($2::text[], segment) - 1)) as mask
      from segmentation.segment_member where workspace = $1 and segment = any($2::text[]) group by profile_id)
  select mask, count(*) as count, null as profile_id from m group by mask
   union all
  (select mask, 0, profile_id from m where mask = any($3::int[]) limit $4)`;

const inNone = `
  select profile_id from segmentation.profile p
   where workspace = $1 and merged_into is null
     and not exists (select from segmentation.segment_member m where m.workspace = $1 and m.segment = any($2::text[]) and m.profile_id = p.profile_id)
   limit $3`;

/** Of many pages few profiles each, so that those made together are not picked together. */
const drawing = `
  with share as materialized (
    select least(100, 100.0 * $3::int / greatest(coalesce($4::int8, (select reltuples from pg_class where oid = 'segmentation.profile'::regclass)::int8), 1))::real as percent),
  drawn as materialized (
    select profile_id from segmentation.profile tablesample system ((select percent from share)) where workspace = $1 and merged_into is null)
  select profile_id, (select percent from share) as percent, (select count(*) from drawn) as drawn from drawn order by random() limit $2`;
