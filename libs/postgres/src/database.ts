import { DataSource } from 'typeorm';
import { type Position, PartitionLost } from '@tidings/bus';
import { identifier } from './identifier.js';
import { Transaction, type Tx } from './transaction.js';

/** What a transaction may see, and how far it takes its consumer. */
export interface Scope {
  /** Rows of these workspaces exist for the transaction; of no other. */
  readonly workspaces: readonly string[];
  /** Moved together with the work. The transaction is refused with `PartitionLost` unless the stored position is `from`. */
  readonly position?: Position | undefined;
}

/** The only way to an app's tables: transactions as a role that row-level security binds. */
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction that sees only the scope's workspaces and that advances its position; either all of it
   * is stored, or nothing. Trouble with Postgres rejects with `InfrastructureError`, a lost fence with `PartitionLost`,
   * everything else with what was thrown. After an `InfrastructureError` it may still have been stored: a position tells.
   */
  async transact<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    const transaction = await Transaction.begin(this.dataSource);
    try {
      await enter(transaction, scope);
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }
}

const setWorkspaces = `set_config('tidings.workspaces', ($1::text[])::text, true)`;

/** One statement for both, so that a batch pays one round trip for its fence and its visibility. */
async function enter(tx: Tx, { workspaces, position }: Scope): Promise<void> {
  if (!position) {
    await tx.query(`select ${setWorkspaces}`, [workspaces]);
    return;
  }
  const { schema, consumer, topic, partition, from, to } = position;
  const rows = await tx.query<{ moved: number }>(
    `with moved as (
       update ${identifier(schema)}.kafka_position set next_offset = $6, moved_at = now()
        where consumer = $2 and topic = $3 and partition = $4 and next_offset = $5
       returning 1)
     select ${setWorkspaces}, (select count(*) from moved) as moved`,
    [workspaces, consumer, topic, partition, from, to],
  );
  if (rows[0]?.moved !== 1) throw new PartitionLost(`${consumer} is not at ${from} of ${topic}/${partition} any more`);
}
