import { describe, expect, it } from '@jest/globals';
import type { AppSchema } from '@tidings/postgres';
import { serviceAddress } from './services.js';
import { testDatabase } from './test-database.store.js';

const schema = (name: string): AppSchema => ({ schema: 'shelf', migrations: [{ name, sql: `create table shelf.book (id text)` }] });

describe('testDatabase', () => {
  it('gives each caller an empty, migrated database of its own, also when many ask at once for the first time', async () => {
    const fresh = schema(`once-${process.pid}-${process.hrtime.bigint()}`);
    const databases = await Promise.all(Array.from({ length: 4 }, () => testDatabase([fresh])));
    for (const { database } of databases) {
      await database.transact({ workspaces: [] }, (tx) => tx.query(`insert into shelf.book values ('one')`));
    }
    for (const { rows, drop } of databases) {
      expect(await rows(`select id from shelf.book`)).toEqual([{ id: 'one' }]);
      await drop();
    }
  });

  it('makes the template again when the schema changes, and only then', async () => {
    const [first] = await Promise.all([testDatabase([schema('a')])]);
    const templates = () => first.rows(`select datname from pg_database where datistemplate order by 1`);
    const before = await templates();
    const same = await testDatabase([schema('a')]);
    expect(await templates()).toEqual(before);
    const other = await testDatabase([{ ...schema('a'), dayPartitions: [] }, { schema: 'other', migrations: [] }]);
    expect(await other.rows(`select from pg_namespace where nspname = 'other'`)).toHaveLength(1);
    await Promise.all([first, same, other].map(({ drop }) => drop()));
  });

  it('leaves nothing behind when it is dropped', async () => {
    const gone = await testDatabase([schema('a')]);
    const [row] = await gone.rows<{ name: string }>(`select current_database() as name`);
    await gone.drop();
    const left = await testDatabase([schema('a')]);
    expect(await left.rows(`select from pg_database where datname = $1`, [row?.name])).toEqual([]);
    await left.drop();
  });
});

describe('serviceAddress', () => {
  it('says how to run a spec when there is no service', () => {
    expect(() => serviceAddress('TEST_DATABASE_URL', {})).toThrow('node tools/with-services.mjs');
    expect(serviceAddress('TEST_KAFKA_BROKERS', { TEST_KAFKA_BROKERS: 'here:1' })).toBe('here:1');
  });
});
