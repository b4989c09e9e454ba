import { createHash } from 'node:crypto';
import pg from 'pg';
import { appRole } from './app-role.js';
import type { AppSchema, Migration } from './app-schema.js';
import { bookkeeping, createAppRole, storeDayPartitions } from './bookkeeping.schema.js';
import { identifier } from './identifier.js';
import { fromPostgres, unreachable } from './postgres-error.js';

/** The database and this release do not fit; a person has to look. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

/** Another `migrate` is waited for this long, a lock on a table only so long that its readers do not pile up behind us. */
const WAIT_FOR_OTHERS = '120s';
const WAIT_FOR_TABLE = '5s';

/**
 * Brings the schemas to what this release needs: the app role, the bookkeeping, migrations that were not applied yet (each
 * in a transaction of its own), day partitions. One at a time per database, however many processes call it; a migration
 * that changed after it was applied is refused. The user of the url owns what is made and needs a session of its own
 * (no transaction pooler), the right to create schemas and, unless the role is granted to it already, roles.
 */
export async function migrate(url: string, schemas: readonly AppSchema[], log: (message: string) => void = () => undefined): Promise<void> {
  schemas.forEach(refuseTwins);
  const client = new pg.Client({ connectionString: url, application_name: 'tidings migrate', connectionTimeoutMillis: 10_000 });
  let connected = false;
  client.on('error', () => (connected = false));
  try {
    await client.connect();
    connected = true;
    await migrateWith(client, schemas, log);
  } catch (error) {
    throw connected ? fromPostgres(error) : unreachable(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function migrateWith(client: pg.Client, schemas: readonly AppSchema[], log: (message: string) => void): Promise<void> {
  await client.query(`set lock_timeout = '${WAIT_FOR_OTHERS}'`);
  await client.query(`select pg_advisory_lock(hashtextextended('tidings.migrate', 0))`);
  await client.query(`set lock_timeout = '${WAIT_FOR_TABLE}'`);
  await prepareRole(client);
  for (const schema of schemas) {
    await inTransaction(client, () => client.query(bookkeeping(schema)));
    await applyPending(client, schema, log);
    await client.query(storeDayPartitions(schema), [JSON.stringify(schema.dayPartitions ?? [])]);
    await client.query(`select ${identifier(schema.schema)}.maintain_day_partitions((now() at time zone 'utc')::date)`);
  }
}

async function applyPending(client: pg.Client, schema: AppSchema, log: (message: string) => void): Promise<void> {
  const table = `${identifier(schema.schema)}.migration`;
  const { rows } = await client.query<{ name: string; checksum: string }>(`select name, checksum from ${table}`);
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  for (const migration of schema.migrations) {
    if (applied.has(migration.name)) {
      refuseChanged(schema, migration, applied.get(migration.name));
      continue;
    }
    await inTransaction(client, async () => {
      await client.query(migration.sql);
      await client.query(`insert into ${table} (name, checksum) values ($1, $2)`, [migration.name, checksum(migration)]);
    });
    log(`applied migration ${schema.schema}/${migration.name}`);
  }
}

async function prepareRole(client: pg.Client): Promise<void> {
  const found = await roleState(client);
  if (!found.usable && !found.exists && !found.creates)
    throw new MigrationRefused(
      `Postgres user ${found.me} may not create the role ${appRole}; let an administrator run: create role ${appRole} nologin; grant ${appRole} to "${found.me}"`,
    );
  if (!found.exists) await client.query(createAppRole);
  const role = found.exists ? found : await roleState(client);
  if (role.bypasses) throw new MigrationRefused(`the Postgres role ${appRole} can bypass row-level security and must not`);
  if (!role.usable) await grantRole(client, role.me);
}

async function grantRole(client: pg.Client, me: string): Promise<void> {
  try {
    await client.query(`grant ${appRole} to current_user`);
  } catch (cause) {
    throw new MigrationRefused(
      `Postgres user ${me} may not work as the role ${appRole}; let an administrator run: grant ${appRole} to "${me}"`,
      { cause },
    );
  }
}

interface RoleState {
  readonly me: string;
  readonly creates: boolean;
  readonly exists: boolean;
  readonly bypasses: boolean;
  readonly usable: boolean;
}

async function roleState(client: pg.Client): Promise<RoleState> {
  const version = await client.query<{ n: number }>(`select current_setting('server_version_num')::int as n`);
  // Before 16 a member may always become the role; since then membership and the right to become it are two things.
  const right = (version.rows[0]?.n ?? 0) >= 160_000 ? 'SET' : 'MEMBER';
  const { rows } = await client.query<RoleState>(
    `select me.rolname as me, me.rolsuper or me.rolcreaterole as creates, app.oid is not null as exists,
            coalesce(app.rolsuper or app.rolbypassrls, false) as bypasses,
            coalesce(pg_has_role(me.oid, app.oid, '${right}'), false) as usable
       from pg_roles me left join pg_roles app on app.rolname = '${appRole}' where me.rolname = current_user`,
  );
  const [state] = rows;
  if (!state) throw new MigrationRefused('Postgres does not know the role that it let us in as');
  return state;
}

async function inTransaction(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function refuseTwins({ schema, migrations }: AppSchema): void {
  const names = migrations.map(({ name }) => name);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin !== undefined) throw new MigrationRefused(`two migrations of ${schema} are named ${twin}`);
}

function refuseChanged({ schema }: AppSchema, migration: Migration, applied: string | undefined): void {
  if (applied === checksum(migration)) return;
  throw new MigrationRefused(
    `migration ${schema}/${migration.name} is not what was applied to this database; restore its text and add a new migration instead`,
  );
}

function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** A short text that is the same for schemas that `migrate` makes the same, across processes of one release. */
export function schemaFingerprint(schemas: readonly AppSchema[]): string {
  const made = [createAppRole, ...schemas.map((schema) => [bookkeeping(schema), schema.migrations, schema.dayPartitions ?? []])];
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}
