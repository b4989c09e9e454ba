import { identifier } from './identifier.js';

/** The workspaces of the transaction. As a sub-select it is computed once per statement, and not per row. */
const visible = `(select nullif(current_setting('tidings.workspaces', true), '')::text[])::text[]`;

/**
 * SQL for a migration: rows of the table exist only for transactions that name their `workspace`, also for the table's
 * owner, and none can be written into another. A transaction that names nothing sees nothing.
 */
export function rowLevelSecurity(schema: string, table: string): string {
  const name = `${identifier(schema)}.${identifier(table)}`;
  return `
    alter table ${name} enable row level security;
    alter table ${name} force row level security;
    create policy workspace on ${name}
      using (workspace = any(${visible})) with check (workspace = any(${visible}));`;
}
