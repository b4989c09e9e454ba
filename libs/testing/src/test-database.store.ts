import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { type AppSchema, connect, Database, migrate, schemaFingerprint } from '@tidings/postgres';
import { serviceAddress } from './services.js';

/** A database of a test's own, migrated, empty. */
export interface TestDatabase {
  /** As services have it: bound by row-level security. */
  readonly database: Database;
  readonly dataSource: DataSource;
  /** Of a superuser; services connect with it as they would with their own, and so work as the app role. */
  readonly url: string;
  /** Rows as a superuser sees them, of every workspace: for what a spec asserts or prepares. */
  readonly rows: <Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
  /** Closes the connections and removes the database. To be called in `afterAll`. */
  readonly drop: () => Promise<void>;
}

/**
 * A database for one test file, cloned from a template that is made once per set of schemas, however many test processes
 * ask for it at once. Throws when `TEST_DATABASE_URL` (a superuser's) is not set.
 */
export async function testDatabase(schemas: readonly AppSchema[], { poolSize = 4 } = {}): Promise<TestDatabase> {
  const server = serviceAddress('TEST_DATABASE_URL');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = await templateFor(server, schemas);
  await asAdmin(server, (admin) => admin.query(`create database ${name} template ${template}`));
  const url = databaseUrl(server, name);
  const dataSource = await connect({ url, poolSize, applicationName: 'tidings test' });
  const superuser = new pg.Pool({ connectionString: url, max: 1 });
  superuser.on('error', () => undefined);
  return {
    database: new Database(dataSource),
    dataSource,
    url,
    rows: async <Row>(sql: string, parameters: readonly unknown[] = []) => (await superuser.query(sql, [...parameters])).rows as Row[],
    drop: async () => {
      await superuser.end();
      if (dataSource.isInitialized) await dataSource.destroy();
      await asAdmin(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Made under a lock of the server's own database; it counts as made only once it is marked as a template. */
async function templateFor(server: string, schemas: readonly AppSchema[]): Promise<string> {
  const name = `template_${schemaFingerprint(schemas)}`;
  await asAdmin(server, async (admin) => {
    await admin.query(`select pg_advisory_lock(hashtextextended('tidings.test-template', 0))`);
    const made = await admin.query(`select from pg_database where datname = $1 and datistemplate`, [name]);
    if (made.rowCount) return;
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await migrate(databaseUrl(server, name), schemas);
    await admin.query(`alter database ${name} with is_template true allow_connections false`);
  });
  return name;
}

async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}
