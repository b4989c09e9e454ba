import type { SuppressionReason } from '@tidings/contracts';
import type { Database } from '@tidings/postgres';

/** A suppressed address as people see it: by its hash alone. */
export interface ListedSuppression {
  readonly id: string;
  readonly reason: SuppressionReason;
  readonly at: Date;
  readonly actor: string;
  readonly note: string | null;
}

/** One entry of an address's history. */
export interface SuppressionChange {
  readonly action: 'suppressed' | 'lifted';
  readonly reason: SuppressionReason | null;
  readonly at: Date;
  readonly actor: string;
  readonly note: string | null;
}

/** Everything that is kept of an address. */
export interface SuppressionRecord {
  /** Null where it is not suppressed now. */
  readonly suppressed: ListedSuppression | null;
  readonly changes: readonly SuppressionChange[];
  /** Messages that met a full mailbox, or bounced softly, within 30 days. */
  readonly softBounces: readonly { readonly messageId: string; readonly at: Date }[];
}

/** Who lifts a suppression, and why. */
export interface Lift {
  readonly actor: string;
  readonly note: string | null;
}

const columns = 'address_hash as id, reason, at, actor, note';

/** What a person may see and lift of the suppressed addresses of a channel. */
export class SuppressionList {
  constructor(
    private readonly schema: string,
    private readonly database: Database,
  ) {}

  /** Those of a workspace after a hash, in the order of their hashes. */
  page(workspace: string, after: string, limit: number): Promise<ListedSuppression[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<ListedSuppression>(
        `select ${columns} from ${this.schema}.suppression where workspace = $1 and address_hash collate "C" > $2 order by address_hash collate "C" limit $3`,
        [workspace, after, limit],
      ),
    );
  }

  /** The first of the hashes that is suppressed, if any. */
  async find(workspace: string, hashes: readonly string[]): Promise<ListedSuppression | null> {
    const found = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<ListedSuppression>(`select ${columns} from ${this.schema}.suppression where workspace = $1 and address_hash = any($2::text[])`, [workspace, hashes]),
    );
    return found[0] ?? null;
  }

  /** Who suppressed and lifted it, when and why, the newest first. */
  changes(workspace: string, hash: string): Promise<SuppressionChange[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<SuppressionChange>(
        `select action, reason, at, actor, note from ${this.schema}.suppression_change where workspace = $1 and address_hash = $2 order by at desc limit 100`,
        [workspace, hash],
      ),
    );
  }

  /** Everything that is kept under these hashes of one address; the newest 100 changes. */
  async record(workspace: string, hashes: readonly string[]): Promise<SuppressionRecord> {
    const suppressed = await this.find(workspace, hashes);
    return this.database.transact({ workspaces: [workspace] }, async (tx) => ({
      suppressed,
      changes: await tx.query<SuppressionChange>(
        `select action, reason, at, actor, note from ${this.schema}.suppression_change where workspace = $1 and address_hash = any($2::text[]) order by at desc limit 100`,
        [workspace, hashes],
      ),
      softBounces: await tx.query<{ messageId: string; at: Date }>(
        `select message_id as "messageId", at from ${this.schema}.soft_bounce where workspace = $1 and address_hash = any($2::text[]) order by at desc limit 100`,
        [workspace, hashes],
      ),
    }));
  }

  /** Lets an address be sent to again, with its soft bounces forgotten; false when it was not suppressed. */
  async lift(workspace: string, hash: string, { actor, note }: Lift): Promise<boolean> {
    const lifted = await this.database.transact({ workspaces: [workspace] }, async (tx) => {
      await tx.query(`delete from ${this.schema}.soft_bounce where workspace = $1 and address_hash = $2`, [workspace, hash]);
      return tx.query(
        `with gone as (delete from ${this.schema}.suppression where workspace = $1 and address_hash = $2 returning workspace, address_hash, reason)
         insert into ${this.schema}.suppression_change (workspace, address_hash, at, action, reason, actor, note)
         select workspace, address_hash, now(), 'lifted', reason, $3, $4 from gone returning 1`,
        [workspace, hash, actor, note],
      );
    });
    return lifted.length > 0;
  }
}
