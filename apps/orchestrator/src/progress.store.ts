import { Injectable } from '@nestjs/common';
import { InfrastructureError, Publisher, type Due, type Outgoing, type Position } from '@tidings/bus';
import { events } from '@tidings/contracts';
import type { Run } from '@tidings/journey';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { ErasedIds, type ErasedMap } from '@tidings/service';
import { ProgressMap, type ChangedProgress, type ProfileRef, type StoredProgress } from './progress-map.js';

/** Changes the progress it is given, and says what is to be published about it; what is left of the erased is not heard. */
export type Decide = (progress: ProgressMap, erased: ErasedMap) => readonly Outgoing[];

/** The same for profiles whose time has come; `refs` are theirs. */
export type DecideDue = (progress: ProgressMap, refs: readonly ProfileRef[]) => readonly Outgoing[];

const row = rowSet({
  workspace: 'text',
  profile_id: 'text',
  heard: 'jsonb',
  runs: 'jsonb',
  profile: 'jsonb',
  formerly: 'jsonb',
  merged_into: 'text',
  wake_at: 'timestamptz',
});
const read = 'p.workspace, p.profile_id, p.heard, p.runs, p.profile, p.formerly, p.merged_into';

/**
 * Where progress lives. Events and the clock come in by different doors and meet in `settle`: what is published about
 * a profile is acknowledged before its row is released, so it is in the order in which the row changed.
 */
@Injectable()
export class ProgressStore {
  constructor(
    private readonly db: Database,
    private readonly publisher: Publisher,
    private readonly erased: ErasedIds,
  ) {}

  /** All or nothing: the new progress, what is published about it, and how far we have read. Rows are locked in one order. */
  async change(refs: readonly ProfileRef[], positions: readonly Position[], decide: Decide): Promise<void> {
    const workspaces = [...new Set(refs.map(({ workspace }) => workspace))];
    await this.db.transact({ workspaces, positions }, async (tx) => {
      const erased = await this.erased.of(tx, () => refs);
      await this.settle(tx, await held(tx, refs), (progress) => decide(progress, erased));
    });
  }

  /** The same for at most `limit` profiles whose time has come, the longest overdue first; those another replica holds are left to it. */
  async changeDue(workspaces: readonly string[], due: Due, limit: number, decide: DecideDue): Promise<void> {
    await this.db.transact({ workspaces }, async (tx) => {
      const rows = await tx.query<StoredProgress>(
        `select ${read} from orchestrator.progress p where p.wake_at <= $1 and not ${isBehind(3)} order by p.wake_at limit $2 for update skip locked`,
        [due.now, limit, ...behind(due)],
      );
      await this.settleDue(tx, rows, decide);
    });
  }

  /** The same for one profile, when its time has come and nobody else holds it. */
  async changeOneDue({ workspace, profileId }: ProfileRef, due: Due, decide: DecideDue): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const rows = await tx.query<StoredProgress>(
        `select ${read} from orchestrator.progress p
          where p.workspace = $1 and p.profile_id = $2 and p.wake_at <= $3 and not ${isBehind(4)} for update skip locked`,
        [workspace, profileId, due.now, ...behind(due)],
      );
      await this.settleDue(tx, rows, decide);
    });
  }

  /** The first moment after `now` at which somebody must be looked at, in ms since 1970; null when there is none. */
  async nextDue(workspaces: readonly string[], now: Date): Promise<number | null> {
    const [first] = await this.db.transact({ workspaces }, (tx) =>
      tx.query<{ readonly wake_at: Date }>('select wake_at from orchestrator.progress where wake_at > $1 order by wake_at limit 1', [now]),
    );
    return first?.wake_at.getTime() ?? null;
  }

  /** Has a profile looked at again at `until`, whatever its runs say, so that it stands in nobody's way before. */
  async postpone({ workspace, profileId }: ProfileRef, until: Date): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query('update orchestrator.progress set wake_at = $3 where workspace = $1 and profile_id = $2', [
        workspace,
        profileId,
        until,
      ]),
    );
  }

  /** The runs of a profile, or of the one that it was merged into, those that have completed among them. */
  async runsOf({ workspace, profileId }: ProfileRef): Promise<readonly Run[]> {
    const rows = await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<Pick<StoredProgress, 'runs'>>(
        `with recursive way as (
           select profile_id, runs, merged_into from orchestrator.progress where workspace = $1 and profile_id = $2
            union all
           select p.profile_id, p.runs, p.merged_into
             from way join orchestrator.progress p on p.workspace = $1 and p.profile_id = way.merged_into)
         select runs from way where merged_into is null limit 1`,
        [workspace, profileId],
      ),
    );
    return rows[0]?.runs ?? [];
  }

  private async settleDue(tx: Tx, rows: readonly StoredProgress[], decide: DecideDue): Promise<void> {
    if (rows.length === 0) return;
    const refs = rows.map(({ workspace, profile_id: profileId }) => ({ workspace, profileId }));
    await this.settle(tx, ProgressMap.of(rows), (progress) => decide(progress, refs));
  }

  private async settle(tx: Tx, progress: ProgressMap, decide: (progress: ProgressMap) => readonly Outgoing[]): Promise<void> {
    // Published before the commit: a crash in between repeats the same ids, and loses none.
    await this.publisher.publish(decide(progress));
    const { known, fresh } = progress.changed();
    // Sent together: they share a round trip.
    await Promise.all([save(tx, known), add(tx, fresh)]);
  }
}

/** The progress of profiles, locked until the end of the transaction; of one that was merged also that of what it was merged into. */
async function held(tx: Tx, refs: readonly ProfileRef[]): Promise<ProgressMap> {
  const progress = new ProgressMap();
  for (let wanted = refs; wanted.length > 0;) {
    const rows = await locked(tx, wanted);
    for (const each of rows) progress.take(each);
    wanted = rows
      .filter((each) => each.merged_into !== null)
      .map((each) => progress.rootOf({ workspace: each.workspace, profileId: each.profile_id }))
      .filter((root) => !progress.has(root));
  }
  return progress;
}

/** Row by row by its key: as a join, a table without statistics yet is read from end to end for every batch. */
const locked = (tx: Tx, refs: readonly ProfileRef[]): Promise<StoredProgress[]> =>
  tx.query<StoredProgress>(
    `select p.*
       from (select distinct workspace, profile_id from unnest($1::text[], $2::text[]) as k(workspace, profile_id) order by 1, 2) k
      cross join lateral (
        select ${read} from orchestrator.progress p where p.workspace = k.workspace and p.profile_id = k.profile_id for update) p`,
    [refs.map(({ workspace }) => workspace), refs.map(({ profileId }) => profileId)],
  );

/** Whether a row heard from a partition that is behind, and is due later than what was heard of it; parameters from `first`. */
const isBehind = (first: number): string => `exists (
  select from unnest($${first}::text[], $${first + 1}::timestamptz[]) as b(source, until) where p.heard ? b.source and p.wake_at > b.until)`;

const behind = ({ behind: partitions }: Due): readonly unknown[] => [
  partitions.map(({ partition }) => `${events.name}/${partition}`),
  partitions.map(({ until }) => (until === -Infinity ? '-infinity' : new Date(until).toISOString())),
];

async function save(tx: Tx, changed: readonly ChangedProgress[]): Promise<void> {
  if (changed.length === 0) return;
  await tx.query(
    `insert into orchestrator.progress (${row.names}) select ${row.names} from ${row.source()}
     on conflict (workspace, profile_id) do update
        set heard = excluded.heard, runs = excluded.runs, profile = excluded.profile, formerly = excluded.formerly,
            merged_into = excluded.merged_into, wake_at = excluded.wake_at`,
    row.parameters(changed),
  );
}

/** Rows that were not there to be locked. Who finds one there now did not know whose it is: nothing was stored, and the batch comes again. */
async function add(tx: Tx, fresh: readonly ChangedProgress[]): Promise<void> {
  if (fresh.length === 0) return;
  const added = await tx.query(
    `insert into orchestrator.progress (${row.names}) select ${row.names} from ${row.source()} on conflict do nothing returning 1`,
    row.parameters(fresh),
  );
  if (added.length < fresh.length) throw new InfrastructureError('a profile was heard of elsewhere meanwhile');
}
