import type { AppSchema } from './app-schema.js';
import { Database } from './database.js';
import { identifier } from './identifier.js';

/**
 * Makes the day partitions from two days before `now` to three days after it and drops those beyond their `keepDays`; days
 * are UTC. To be called every hour by any number of processes. A row for any other day is kept in the default partition.
 */
export async function maintainPartitions(database: Database, schemas: readonly AppSchema[], now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  for (const { schema, dayPartitions = [] } of schemas) {
    if (dayPartitions.length === 0) continue;
    await database.transact({ workspaces: [] }, (tx) => tx.query(`select ${identifier(schema)}.maintain_day_partitions($1::date)`, [today]));
  }
}
