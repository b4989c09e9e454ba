import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Position } from '@tidings/bus';
import { erasures, erasureStores, type ErasureStep } from '@tidings/contracts';
import { Database, type Tx } from '@tidings/postgres';
import { ErasingStore } from './erasing.store.js';

/** One erasure as it is kept. */
export interface KeptErasure {
  readonly id: string;
  readonly requestedAt: Date;
  readonly doneAt: Date | null;
  readonly receipts: readonly { readonly store: string; readonly at: string; readonly rows: number }[];
}

const OWN = 'api';
const others = erasureStores.filter((store) => store !== OWN);

/** Where erasures and the receipts of all stores are kept; the ids of the person only until all have let go. */
@Injectable()
export class ErasuresStore {
  constructor(
    private readonly database: Database,
    private readonly publisher: Publisher,
    private readonly erasing: ErasingStore,
  ) {}

  /** Takes steps in; an erasure for which all others have given their receipt is finished here, with the last. */
  async take(steps: readonly ErasureStep[], positions: readonly Position[], now: Date): Promise<void> {
    const workspaces = [...new Set(steps.map(({ workspace }) => workspace))];
    await this.database.transact({ workspaces, positions }, async (tx) => {
      for (const step of steps) {
        await keep(tx, step);
        await this.finish(tx, step, now);
      }
    });
  }

  /** A page, the newest first; null for all, else only those that are done or not. */
  page(workspace: string, done: boolean | null, after: readonly string[] | null, limit: number): Promise<KeptErasure[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<KeptErasure>(
        `${shown} where e.workspace = $1 and ($2::bool is null or (e.done_at is not null) = $2)
            and ($3::text[] is null or (e.requested_at, e.id) < ((($3::text[])[1])::timestamptz, ($3::text[])[2]))
          order by e.requested_at desc, e.id desc limit $4`,
        [workspace, done, after, limit],
      ),
    );
  }

  /** One erasure, or null. */
  async find(workspace: string, id: string): Promise<KeptErasure | null> {
    const rows = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<KeptErasure>(`${shown} where e.workspace = $1 and e.id = $2`, [workspace, id]),
    );
    return rows[0] ?? null;
  }

  /** When the oldest erasure that is not done was asked for, and how many are older than `before`. */
  async running(workspaces: readonly string[], before: Date): Promise<{ readonly running: number; readonly overdue: number }> {
    const [counts] = await this.database.transact({ workspaces }, (tx) =>
      tx.query<{ running: number; overdue: number }>(
        'select count(*) as running, count(*) filter (where requested_at < $1) as overdue from api.erasure where done_at is null',
        [before],
      ),
    );
    return counts ?? { running: 0, overdue: 0 };
  }

  private async finish(tx: Tx, { workspace, erasureId, requestedAt }: ErasureStep, now: Date): Promise<void> {
    const [ready] = await tx.query<{ ids: readonly string[] }>(
      `select ids from api.erasure e where workspace = $1 and id = $2 and done_at is null and not exists (
         select from unnest($3::text[]) as wanted(store)
          where not exists (select from api.erasure_receipt r where r.workspace = $1 and r.erasure_id = $2 and r.store = wanted.store))`,
      [workspace, erasureId, others],
    );
    if (ready === undefined) return;
    const rows = await this.erasing.remove(tx, workspace, ready.ids);
    const step: ErasureStep = { v: 1, workspace, erasureId, store: OWN, ids: [...ready.ids], requestedAt, at: now.toISOString(), rows };
    await keep(tx, step);
    await tx.query('update api.erasure set ids = null, done_at = $3 where workspace = $1 and id = $2', [workspace, erasureId, now]);
    await this.publisher.publish([outgoing(erasures, step)]);
  }
}

const shown = `
  select e.id, e.requested_at as "requestedAt", e.done_at as "doneAt",
         (select coalesce(jsonb_agg(jsonb_build_object('store', r.store, 'at', r.at, 'rows', r.rows) order by r.at), '[]')
            from api.erasure_receipt r where r.workspace = e.workspace and r.erasure_id = e.id) as receipts
    from api.erasure e`;

/** Steps may come in any order and more than once: the first receipt of a store counts, and ids are gathered until all is done. */
async function keep(tx: Tx, { workspace, erasureId, store, ids, requestedAt, at, rows }: ErasureStep): Promise<void> {
  await tx.query(
    `insert into api.erasure as e (workspace, id, requested_at, ids) values ($1, $2, $3, $4::jsonb)
     on conflict (workspace, id) do update
        set ids = (select jsonb_agg(distinct i.id) from jsonb_array_elements(e.ids || excluded.ids) as i(id)) where e.done_at is null`,
    [workspace, erasureId, requestedAt, JSON.stringify(ids)],
  );
  if (store === null) return;
  await tx.query(
    'insert into api.erasure_receipt (workspace, erasure_id, store, at, rows) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [workspace, erasureId, store, at, rows],
  );
}
