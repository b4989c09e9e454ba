import { DataSource } from 'typeorm';
import { type Position, PartitionLost } from '@tidings/bus';
import { identifier } from './identifier.js';
import { rowSet } from './row-set.js';
import { Transaction, type Tx } from './transaction.js';

/** What a transaction may see, and how far it takes its consumer. */
export interface Scope {
  /** Rows of these workspaces exist for the transaction; of no other. */
  readonly workspaces: readonly string[];
  /** Moved together with the work, all of one consumer. The transaction is refused with `PartitionLost` unless each stored position is its `from`. */
  readonly positions?: readonly Position[] | undefined;
}

/** The only way to an app's tables: transactions as a role that row-level security binds. */
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction that sees only the scope's workspaces and that advances its positions; either all of it
   * is stored, or nothing. Trouble with Postgres rejects with `InfrastructureError`, a lost fence with `PartitionLost`,
   * everything else with what was thrown. After an `InfrastructureError` it may still have been stored: a position tells.
   */
  async transact<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    const transaction = await Transaction.begin(this.dataSource);
    try {
      // The fence and the first statement of the work share a round trip; the work hears nothing before the fence holds.
      transaction.holdBack(enter(transaction, scope));
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

/**
 * A batch finds rows by their keys, whatever is known of a table: planned while it was empty, or before anybody counted its rows, a statement
 * would read all of it for each batch until the next `analyze`.
 */
const byKey = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'].map((setting) => `set_config('${setting}', 'off', true)`).join(', ');

/** One statement for both, so that a batch pays one round trip for its fence and its visibility. */
async function enter(tx: Tx, { workspaces, positions = [] }: Scope): Promise<void> {
  const [first] = positions;
  if (!first) {
    await tx.query(`select ${setWorkspaces}`, [workspaces]);
    return;
  }
  const rows = await tx.query<{ moved: number }>(
    `with moved as (
       update ${identifier(first.schema)}.kafka_position p set next_offset = r.to_offset, moved_at = now()
         from ${moved.source(3)}
        where p.consumer = $2 and p.topic = r.topic and p.partition = r.partition and p.next_offset = r.from_offset
       returning 1)
     select ${setWorkspaces}, ${byKey}, (select count(*) from moved) as moved`,
    [workspaces, first.consumer, ...moved.parameters(positions.map(toRow))],
  );
  if (rows[0]?.moved === positions.length) return;
  const wanted = positions.map(({ topic, partition, from }) => `${from} of ${topic}/${partition}`).join(', ');
  throw new PartitionLost(`${first.consumer} is not at ${wanted} any more`);
}

const moved = rowSet({ topic: 'text', partition: 'int4', from_offset: 'int8', to_offset: 'int8' });
const toRow = ({ topic, partition, from, to }: Position) => ({ topic, partition, from_offset: from, to_offset: to });
