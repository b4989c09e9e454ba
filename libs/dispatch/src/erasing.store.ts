import { outgoing, type Batch, type Publisher } from '@tidings/bus';
import { erasures, type Channel, type ErasureStep } from '@tidings/contracts';
import { rowSet, type Database, type Tx } from '@tidings/postgres';

const rows = rowSet({ workspace: 'text', profile_id: 'text', at: 'timestamptz' });

/** For how long after an erasure answers to calls that were under way then may still be recorded. */
const afterglowDays = 2;

/** Someone who was erased: what became due until `at` must not leave, and what is kept of it must say nothing. */
interface Gone {
  readonly workspace: string;
  readonly ids: readonly string[];
  readonly at: string;
}

/** What a channel's erasing stands on. */
export interface ErasingParts {
  readonly channel: Channel;
  readonly schema: string;
  readonly database: Database;
  readonly publisher: Publisher;
}

/** Lets go of persons on one channel: nothing that was decided for them leaves any more, and the ledger forgets where it would have gone. */
export class Erasing {
  constructor(private readonly parts: ErasingParts) {}

  /** Follows the orchestrator: what it asked to send until it let go is recalled. The receipts are stored with the positions, or nothing is. */
  async handle({ messages, positions }: Batch<ErasureStep>): Promise<void> {
    const workspaces = [...new Set(messages.map(({ value }) => value.workspace))];
    const steps = messages.map(({ value }) => value).filter(({ store }) => store === 'orchestrator');
    await this.parts.database.transact({ workspaces, positions }, async (tx) => {
      for (const step of steps) await this.erase(tx, step);
    });
  }

  /** Once more for the latest erasures: a call that was under way then may have left its answer since. */
  async sweep(workspaces: readonly string[]): Promise<void> {
    await this.parts.database.transact({ workspaces }, async (tx) => {
      const recent = await tx.query<{ workspace: string; profile_id: string; at: Date }>(
        `select workspace, profile_id, at from ${this.parts.schema}.recall where reason = 'erased' and at > now() - interval '${afterglowDays} days'`,
      );
      for (const { workspace, profile_id: id, at } of recent) await this.empty(tx, { workspace, ids: [id], at: at.toISOString() });
    });
  }

  private async erase(tx: Tx, step: ErasureStep): Promise<void> {
    const { channel, publisher, schema } = this.parts;
    const { workspace, ids, at } = step;
    // Before anything is emptied: what is claimed from now on is withheld.
    await tx.query(
      `insert into ${schema}.recall as c (workspace, profile_id, run_id, reason, at)
       select r.workspace, r.profile_id, '', 'erased', r.at from ${rows.source()}
       on conflict (workspace, profile_id, run_id) do update set at = excluded.at, reason = excluded.reason where c.at <= excluded.at`,
      rows.parameters([...new Set(ids)].toSorted().map((profileId) => ({ workspace, profile_id: profileId, at }))),
    );
    const emptied = await this.empty(tx, { workspace, ids, at });
    const receipt: ErasureStep = { ...step, store: `dispatcher-${channel}`, at: new Date().toISOString(), rows: emptied };
    await publisher.publish([outgoing(erasures, receipt)]);
  }

  /**
   * Takes address and content out of what waits for a retry, which comes due at once and then finds that it is recalled, so that
   * it is told as withheld; and what providers said, which may name the address.
   */
  private async empty(tx: Tx, { workspace, ids, at }: Gone): Promise<number> {
    const { schema } = this.parts;
    const waiting = await tx.query(
      `update ${schema}.ledger
          set detail = null, next_attempt_at = case state when 'retry' then now() else next_attempt_at end,
              request = jsonb_set(jsonb_set(request, '{variables}', '{}'), '{endpoints}',
                (select jsonb_agg(jsonb_build_object('id', e.one -> 'id', 'address', 'erased')) from jsonb_array_elements(request -> 'endpoints') as e(one)))
        where next_attempt_at is not null and workspace = $1 and profile_id = any($2::text[]) and (request ->> 'dueAt')::timestamptz <= $3
       returning 1`,
      [workspace, ids, at],
    );
    const said = await tx.query(
      `update ${schema}.ledger set detail = null
        where detail is not null and workspace = $1 and profile_id = any($2::text[]) returning 1`,
      [workspace, ids],
    );
    return waiting.length + said.length;
  }
}
