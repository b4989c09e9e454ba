import pg from 'pg';
import type { AppSchema } from './app-schema.js';
import type { Database } from './database.js';
import { identifier } from './identifier.js';

/** Schema or table is not there, or is not open to us: `migrate` never ran for this schema. */
const NEVER_MIGRATED = ['3F000', '42P01', '42501'];

/** The migrations that this release needs and the database does not have, as `schema/name`; a service must not serve while there are any. */
export async function pendingMigrations(database: Database, schemas: readonly AppSchema[]): Promise<string[]> {
  const pending: string[] = [];
  for (const { schema, migrations } of schemas) {
    const applied = await appliedTo(database, schema);
    pending.push(...migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => `${schema}/${name}`));
  }
  return pending;
}

async function appliedTo(database: Database, schema: string): Promise<ReadonlySet<string>> {
  try {
    const rows = await database.transact({ workspaces: [] }, (tx) =>
      tx.query<{ name: string }>(`select name from ${identifier(schema)}.migration`),
    );
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if (error instanceof pg.DatabaseError && NEVER_MIGRATED.includes(error.code ?? '')) return new Set();
    throw error;
  }
}
