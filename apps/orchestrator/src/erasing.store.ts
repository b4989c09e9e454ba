import { Injectable } from '@nestjs/common';
import { outgoing, Publisher, type Outgoing, type Position } from '@tidings/bus';
import { erasures, journeyActivity, type ErasureStep } from '@tidings/contracts';
import { isActive, nextWake, type Run } from '@tidings/journey';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { ErasedIds } from '@tidings/service';
import type { ChangedProgress, StoredProgress } from './progress-map.js';

type Deleted = Pick<StoredProgress, 'profile_id' | 'runs' | 'heard' | 'profile'>;

const kept = rowSet({ workspace: 'text', profile_id: 'text', heard: 'jsonb', runs: 'jsonb', profile: 'jsonb', wake_at: 'timestamptz' });

/** Lets go of persons: their runs end, and nothing more is sent because of them. */
@Injectable()
export class ErasingStore {
  constructor(
    private readonly db: Database,
    private readonly publisher: Publisher,
    private readonly erased: ErasedIds,
  ) {}

  /** All or nothing: what the steps ask for, the receipts, and how far we have read. A step that comes again finds nothing left. */
  async erase(steps: readonly ErasureStep[], workspaces: readonly string[], positions: readonly Position[]): Promise<void> {
    await this.db.transact({ workspaces, positions }, async (tx) => {
      if (steps.length === 0) return;
      await this.erased.begin(tx);
      for (const step of steps) await this.eraseOne(tx, step);
    });
  }

  private async eraseOne(tx: Tx, step: ErasureStep): Promise<void> {
    const { workspace, ids, requestedAt } = step;
    const deleted = await tx.query<Deleted>(
      'delete from orchestrator.progress where workspace = $1 and profile_id = any($2::text[]) returning profile_id, runs, heard, profile',
      [workspace, ids],
    );
    const at = new Date();
    await this.erased.keep(tx, step, at);
    await keepLater(tx, workspace, requestedAt, deleted);
    const endings = deleted.flatMap(({ profile_id: profileId, runs }) =>
      runs.filter((run) => isActive(run) && run.startedAt <= requestedAt).map((run) => ended(workspace, profileId, run, at)),
    );
    const receipt: ErasureStep = { ...step, store: 'orchestrator', at: at.toISOString(), rows: deleted.length };
    // Published before the commit: a crash in between ends the same runs again.
    await this.publisher.publish([...endings, outgoing(erasures, receipt)]);
  }
}

/** Runs that began after the erasure was asked for are of a new profile, which was heard of first. */
async function keepLater(tx: Tx, workspace: string, requestedAt: string, deleted: readonly Deleted[]): Promise<void> {
  const later = deleted.flatMap((row): Omit<ChangedProgress, 'formerly' | 'merged_into'>[] => {
    const progress = { ...row, runs: row.runs.filter((run) => run.startedAt > requestedAt), formerly: null };
    return progress.runs.length === 0 ? [] : [{ ...progress, workspace, wake_at: nextWake(progress) }];
  });
  if (later.length === 0) return;
  await tx.query(`insert into orchestrator.progress (${kept.names}) select ${kept.names} from ${kept.source()}`, kept.parameters(later));
}

function ended(workspace: string, profileId: string, run: Run, now: Date): Outgoing {
  const journey = { id: run.journey, version: run.version, runId: run.id, step: run.step };
  return outgoing(journeyActivity, { v: 1, kind: 'run-ended', workspace, profileId, journey, at: now.toISOString(), outcome: 'erased' });
}
