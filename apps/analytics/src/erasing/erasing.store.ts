import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Position } from '@tidings/bus';
import { erasures, nobody, type ErasureStep } from '@tidings/contracts';
import { Database, type Tx } from '@tidings/postgres';
import { ErasedIds } from '@tidings/service';
import { forgetMoments } from '../timeline/timeline.store.js';

/** Lets go of persons: their messages stay as nobody's, so that numbers still add up; the rest goes. */
@Injectable()
export class ErasingStore {
  constructor(
    private readonly database: Database,
    private readonly publisher: Publisher,
    private readonly erased: ErasedIds,
  ) {}

  /** All or nothing: what the steps ask for, the receipts, and how far we have read. A step that comes again finds nothing left. */
  async erase(steps: readonly ErasureStep[], workspaces: readonly string[], positions: readonly Position[]): Promise<void> {
    await this.database.transact({ workspaces, positions }, async (tx) => {
      if (steps.length === 0) return;
      await this.erased.begin(tx);
      for (const step of steps) await this.eraseOne(tx, step);
    });
  }

  private async eraseOne(tx: Tx, step: ErasureStep): Promise<void> {
    const rows = await forget(tx, step);
    await this.erased.keep(tx, step, new Date(step.at));
    const receipt: ErasureStep = { ...step, store: 'analytics', at: new Date().toISOString(), rows };
    await this.publisher.publish([outgoing(erasures, receipt)]);
  }
}

/** Ids of devices become numbers, once nothing more has to be told apart by them. */
const withoutEndpoints = `case when state = 'in-flight' then outcomes else coalesce(
  (select jsonb_agg(case when one ->> 'endpoint' is null then one else jsonb_set(one, '{endpoint}', to_jsonb(number::text)) end)
     from (select one, dense_rank() over (order by one ->> 'endpoint') as number from jsonb_array_elements(outcomes) as o(one)) numbered), '[]') end`;

/** What was decided later is of a new profile. */
async function forget(tx: Tx, { workspace, ids, at }: ErasureStep): Promise<number> {
  const messages = await tx.query(
    `update analytics.message set profile_id = $3, outcomes = ${withoutEndpoints}
      where workspace = $1 and profile_id = any($2::text[]) and decided_at is not null and decided_at <= $4 returning 1`,
    [workspace, ids, nobody, at],
  );
  const ways = await tx.query(
    'delete from analytics.merged_profile where workspace = $1 and (profile_id = any($2::text[]) or merged_into = any($2::text[])) returning 1',
    [workspace, ids],
  );
  const moments = await forgetMoments(tx, workspace, ids, at);
  return messages.length + ways.length + moments;
}
