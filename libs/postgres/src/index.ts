/**
 * Transactions, positions, schemas and what guards them: row-level security by workspace, the fence of a consumer's position,
 * migrations, day partitions. Decides when Postgres is the world's trouble; knows no app's tables and no rule.
 */
export type { AppSchema, DayPartitions, Migration } from './app-schema.js';
export { connect, type PostgresSettings } from './connect.js';
export { Database, type Scope } from './database.js';
export { maintainPartitions } from './day-partitions.store.js';
export { migrate, MigrationRefused, schemaFingerprint } from './migrate.js';
export { pendingMigrations } from './pending-migrations.store.js';
export { PostgresPositions } from './positions.store.js';
export { unlessWritten } from './postgres-error.js';
export { PostgresModule } from './postgres.module.js';
export { rowLevelSecurity } from './row-level-security.js';
export { rowSet, type RowSet } from './row-set.js';
export type { Tx } from './transaction.js';
