import type { Batch } from '@tidings/bus';
import type { Channel, SendRecalled } from '@tidings/contracts';
import { rowSet, type Database } from '@tidings/postgres';
import type { Suppressions } from './suppressions.store.js';

const rows = rowSet({ workspace: 'text', profile_id: 'text', run_id: 'text', reason: 'text', at: 'timestamptz' });

/** How long a recall can matter: no message is on its topic for longer. */
const keepDays = 28;

/** What has been recalled on this dispatcher's channel, for the last look before a call. */
export class Recalls {
  constructor(
    private readonly schema: string,
    private readonly channel: Channel,
    private readonly database: Database,
    private readonly suppressions: Suppressions,
  ) {}

  /** Keeps the recalls of a batch together with its positions; of several for one run the latest. */
  async keep({ messages, positions }: Batch<SendRecalled>): Promise<void> {
    const mine = messages.map(({ value }) => value).filter(({ channel, address }) => address === undefined && (channel === null || channel === this.channel));
    const latest = new Map<string, SendRecalled>();
    for (const recall of mine) {
      const key = JSON.stringify([recall.workspace, recall.profileId, recall.runId]);
      const kept = latest.get(key);
      if (!kept || kept.at < recall.at) latest.set(key, recall);
    }
    const recalled = [...latest.values()].map(({ workspace, profileId, runId, reason, at }) => ({ workspace, profile_id: profileId, run_id: runId ?? '', reason, at }));
    const workspaces = [...new Set(messages.map(({ value }) => value.workspace))];
    await this.database.transact({ workspaces, positions }, async (tx) => {
      if (recalled.length > 0) await tx.query(this.keepSql(), rows.parameters(recalled));
      await this.suppressions.keep(tx, { messages });
    });
  }

  /** Forgets what is too old to matter, a part at a time; true when there may be more. */
  async forgetOld(workspaces: readonly string[]): Promise<boolean> {
    const sql = `
      delete from ${this.schema}.recall where ctid = any(array(
        select ctid from ${this.schema}.recall where at < now() - interval '${keepDays} days' limit 1000)) returning 1`;
    const gone = await this.database.transact({ workspaces }, (tx) => tx.query(sql));
    return gone.length === 1000;
  }

  private keepSql(): string {
    return `
      insert into ${this.schema}.recall as c (workspace, profile_id, run_id, reason, at) select * from ${rows.source()}
      on conflict (workspace, profile_id, run_id) do update set at = excluded.at, reason = excluded.reason where c.at < excluded.at`;
  }
}
