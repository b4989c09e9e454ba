import { connect, Database, maintainPartitions, pendingMigrations } from '@tidings/postgres';
import type { DataSource } from 'typeorm';
import { databaseUrl } from './migrate-service.js';
import { patiently } from './patiently.js';
import type { Pollers } from './pollers.js';
import type { Service } from './service.js';

const hourMs = 3_600_000;

/** Connects to Postgres, waiting for it to be there; refuses a database that lacks migrations of this release. */
export async function openDatabase({ name, schemas, config }: Service, signal: AbortSignal): Promise<DataSource> {
  const settings = {
    url: databaseUrl(config),
    applicationName: `tidings ${name}`,
    poolSize: config.DATABASE_POOL_SIZE ?? 10,
  };
  return patiently('Postgres', signal, async () => {
    const dataSource = await connect(settings);
    try {
      const pending = await pendingMigrations(new Database(dataSource), schemas);
      if (pending.length === 0) return dataSource;
      throw new Error(
        `the database is too old for this release: run "node main.js migrate" first (missing: ${pending.join(', ')})`,
      );
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
  });
}

/** Has day partitions made ahead and dropped behind, every hour. */
export function maintainHourly({ schemas }: Service, database: Database, pollers: Pollers): void {
  if (schemas.some(({ dayPartitions = [] }) => dayPartitions.length > 0)) {
    pollers.register('partitions', hourMs, () => maintainPartitions(database, schemas, new Date()));
  }
}
