import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { InfrastructureError } from '@tidings/bus';
import { breakingProxy, testDatabase, type TestDatabase } from '@tidings/testing';
import type { AppSchema, Migration } from './app-schema.js';
import { connect } from './connect.js';
import { Database } from './database.js';
import { migrate, MigrationRefused } from './migrate.js';
import { pendingMigrations } from './pending-migrations.store.js';
import { rowLevelSecurity } from './row-level-security.js';

const first: Migration = {
  name: '001-book',
  sql: `create table shelf.book (workspace text not null, id text primary key); ${rowLevelSecurity('shelf', 'book')}`,
};
const second: Migration = { name: '002-title', sql: `alter table shelf.book add column title text not null default ''` };
const shelf = (...migrations: Migration[]): AppSchema => ({ schema: 'shelf', migrations });

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase([]);
});
afterEach(() => db.drop());

const applied = () => db.rows<{ name: string }>(`select name from shelf.migration order by name`);

describe('migrate', () => {
  it('applies what is new, in order, and tells each', async () => {
    const told: string[] = [];
    await migrate(db.url, [shelf(first)]);
    await migrate(db.url, [shelf(first, second)], (message) => told.push(message));
    expect(await applied()).toEqual([{ name: '001-book' }, { name: '002-title' }]);
    expect(told).toEqual(['applied migration shelf/002-title']);
  });

  it('applies each once when many processes start at the same time', async () => {
    await Promise.all(Array.from({ length: 6 }, () => migrate(db.url, [shelf(first, second)])));
    expect(await applied()).toHaveLength(2);
  });

  it('refuses a migration that changed after it was applied', async () => {
    await migrate(db.url, [shelf(first)]);
    const changed = migrate(db.url, [shelf({ ...first, sql: `${first.sql} -- better` }, second)]);
    await expect(changed).rejects.toThrow('migration shelf/001-book is not what was applied');
    expect(await applied()).toHaveLength(1);
  });

  it('refuses two migrations of one name before it touches anything', async () => {
    await expect(migrate(db.url, [shelf(first, first)])).rejects.toBeInstanceOf(MigrationRefused);
    expect(await db.rows(`select from pg_namespace where nspname = 'shelf'`)).toEqual([]);
  });

  it('leaves nothing of a migration that fails half way, and can be run again', async () => {
    await expect(migrate(db.url, [shelf({ ...first, sql: `${first.sql}; select 1 / 0` })])).rejects.toMatchObject({ code: '22012' });
    expect(await applied()).toEqual([]);
    await migrate(db.url, [shelf(first)]);
    expect(await applied()).toHaveLength(1);
  });

  it('gives up on a table that stays locked, as infrastructure', async () => {
    await migrate(db.url, [shelf(first)]);
    const database = new Database(db.dataSource);
    await database.transact({ workspaces: [] }, async (tx) => {
      await tx.query(`lock table shelf.book in row exclusive mode`);
      await expect(migrate(db.url, [shelf(first, second)])).rejects.toBeInstanceOf(InfrastructureError);
    });
  }, 20_000);

  it('is infrastructure when nobody listens', async () => {
    await expect(migrate('postgres://127.0.0.1:1/none', [])).rejects.toBeInstanceOf(InfrastructureError);
  });

  it('is infrastructure when the connection breaks in the middle', async () => {
    const proxy = await breakingProxy(db.url, 'the end');
    const broken = migrate(proxy.url, [shelf(first, { name: '002-end', sql: `select 'the end'` })]);
    await expect(broken).rejects.toBeInstanceOf(InfrastructureError);
    proxy.close();
    expect(await applied()).toHaveLength(1);
  });

  it('lets the app role change rows, and neither tables nor the record of migrations', async () => {
    await migrate(db.url, [shelf(first)]);
    const refused = (sql: string) => expect(db.database.transact({ workspaces: ['a'] }, (tx) => tx.query(sql))).rejects.toMatchObject({ code: '42501' });
    await db.database.transact({ workspaces: ['a'] }, (tx) => tx.query(`insert into shelf.book values ('a', '1')`));
    await refused(`alter table shelf.book disable row level security`);
    await refused(`create table shelf.mine (id int)`);
    await refused(`truncate shelf.book`);
    await refused(`delete from shelf.migration`);
  });
});

describe('a user who is no superuser', () => {
  const user = 'migrate_spec_user';
  const urlOf = (database: string) => Object.assign(new URL(database), { username: user }).toString();

  const asOwner = async (sql: string) => {
    const owner = new pg.Client({ connectionString: urlOf(db.url) });
    await owner.connect();
    const { rows } = await owner.query<Record<string, unknown>>(sql);
    await owner.end();
    return rows;
  };

  beforeEach(async () => {
    await db.rows(`do $$ begin if not exists (select from pg_roles where rolname = '${user}') then create role ${user} login; end if; end $$`);
    await db.rows(`do $$ begin execute format('grant create on database %I to ${user}', current_database()); end $$`);
  });

  it('owns what it migrates, and is bound by row-level security all the same', async () => {
    await db.rows(`grant tidings_app to ${user}`);
    await migrate(urlOf(db.url), [shelf(first)]);
    expect(await db.rows(`select tableowner from pg_tables where tablename = 'book'`)).toEqual([{ tableowner: user }]);
    const dataSource = await connect({ url: urlOf(db.url) });
    const database = new Database(dataSource);
    await database.transact({ workspaces: ['a'] }, (tx) => tx.query(`insert into shelf.book values ('a', '1')`));
    expect(await database.transact({ workspaces: ['b'] }, (tx) => tx.query(`select * from shelf.book`))).toEqual([]);
    await dataSource.destroy();
    expect(await asOwner(`select * from shelf.book`)).toEqual([]);
  });

  it('is told which grant it lacks', async () => {
    await db.rows(`revoke tidings_app from ${user}`);
    await expect(migrate(urlOf(db.url), [shelf(first)])).rejects.toThrow(`let an administrator run: grant tidings_app to "${user}"`);
  });
});

describe('pendingMigrations', () => {
  it('names what a database still lacks', async () => {
    const pending = () => pendingMigrations(db.database, [shelf(first, second)]);
    expect(await pending()).toEqual(['shelf/001-book', 'shelf/002-title']);
    await migrate(db.url, [shelf(first)]);
    expect(await pending()).toEqual(['shelf/002-title']);
    await migrate(db.url, [shelf(first, second)]);
    expect(await pending()).toEqual([]);
  });
});
