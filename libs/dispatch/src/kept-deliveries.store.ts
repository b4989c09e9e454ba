import type { Database } from '@tidings/postgres';
import { cursorOf, limitOf, pageOf, type Page, type PageQuery } from '@tidings/service';

/** Something that a dispatcher keeps under a profile's id: a delivery that waits or of which a provider said something, or the recall of messages. */
export interface KeptDelivery {
  readonly kind: 'delivery' | 'recall';
  /** Of a delivery its message and endpoint, of a recall its run; empty where all messages are recalled. */
  readonly id: string;
  readonly at: Date;
  /** Of a delivery its state, attempts, what the provider said, and while it waits the request with address and variables; of a recall the reason. */
  readonly held: Readonly<Record<string, unknown>>;
}

/** What the ledger says of a person beyond what was told of their messages, for exports. */
export class KeptDeliveries {
  constructor(
    private readonly schema: string,
    private readonly database: Database,
  ) {}

  /** A page under one id, deliveries first. Reads what waits and what was said, each by its index, and never the ledger's days. */
  async page(workspace: string, profileId: string, query: PageQuery): Promise<Page<KeptDelivery>> {
    const limit = limitOf(query);
    const after = cursorOf(query, 2);
    const rows = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<KeptDelivery>(this.sql(), [workspace, profileId, after?.[0] ?? '', after?.[1] ?? '', limit + 1]),
    );
    return pageOf(rows, limit, ({ kind, id }) => [kind, id], (row) => row);
  }

  private sql(): string {
    const delivery = (which: string) => `
      select 'delivery' as kind, message_id::text || ' ' || endpoint as id, claimed_at as at,
             jsonb_build_object('messageId', message_id, 'endpoint', endpoint, 'lane', lane, 'state', state, 'attempt', attempt, 'reason', reason, 'detail', detail,
               'provider', provider, 'providerMessageId', provider_message_id, 'nextAttemptAt', next_attempt_at, 'request', request) as held
        from ${this.schema}.ledger where ${which} and workspace = $1 and profile_id = $2`;
    return `
      select kind, id, at, held from (
        ${delivery('next_attempt_at is not null')}
        union all ${delivery('detail is not null and next_attempt_at is null')}
        union all
        select 'recall', run_id, at, jsonb_build_object('runId', run_id, 'reason', reason) from ${this.schema}.recall where workspace = $1 and profile_id = $2) k
       where (kind collate "C", id collate "C") > ($3, $4) order by kind collate "C", id collate "C" limit $5`;
  }
}
