import { rowSet, type Database, type Tx } from '@tidings/postgres';
import type { MergeIntent } from './merge-intents.js';

/** That a batch merges ids which nobody asked for yet. Nothing was decided, and nobody was told. */
export class Unasked extends Error {
  constructor(readonly intents: readonly MergeIntent[]) {
    super('ids are to be merged that nobody asked for');
    this.name = 'Unasked';
  }
}

/** How long an id may be held by a transaction that lets go of it; whoever waited in vain begins anew. */
const PATIENCE = '2s';

const row = rowSet({ workspace: 'text', profile_id: 'text', into: 'text' });

/**
 * Writes down what is about to be merged, and answers with what stands for these ids: the first to name one has it, and of two ids that
 * are each to become part of the other the second has none. It is stored when this resolves, whatever becomes of the transaction that
 * merges: others are told of that before it is committed, and whoever repeats it must find that the ids are theirs still.
 */
export async function intend(db: Database, intents: readonly MergeIntent[]): Promise<readonly MergeIntent[]> {
  const workspaces = [...new Set(intents.map(({ workspace }) => workspace))].toSorted();
  return db.transact({ workspaces }, async (tx) => {
    // Those of two who ask at once must see each other. Sent together: they share a round trip.
    const [, , standing] = await Promise.all([
      tx.query(
        `select set_config('lock_timeout', $2, true), pg_advisory_xact_lock(hashtextextended('tidings.merge-intent:' || w, 0)) from unnest($1::text[]) as w`,
        [workspaces, PATIENCE],
      ),
      tx.query(
        `insert into segmentation.merge_intent (${row.names}) select ${row.names} from ${row.source()}
          where not exists (select from segmentation.merge_intent i where i.workspace = r.workspace and i.profile_id = r."into" and i."into" = r.profile_id)
         on conflict do nothing`,
        row.parameters(intents),
      ),
      tx.query<MergeIntent>(
        `select i.workspace, i.profile_id, i."into" from ${row.source()}
           join segmentation.merge_intent i on i.workspace = r.workspace and i.profile_id = r.profile_id`,
        row.parameters(intents),
      ),
    ]);
    return standing;
  });
}

/** Lets go of what was intended, in the transaction that merges it or says why not. */
export async function fulfil(tx: Tx, intents: readonly MergeIntent[]): Promise<void> {
  if (intents.length === 0) return;
  await tx.query(
    `delete from segmentation.merge_intent i using ${row.source()}
      where i.workspace = r.workspace and i.profile_id = r.profile_id and i."into" = r."into"`,
    row.parameters(intents),
  );
}
