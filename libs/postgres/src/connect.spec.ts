import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { InfrastructureError, PositionStore } from '@tidings/bus';
import { testDatabase, type TestDatabase } from '@tidings/testing';
import { connect } from './connect.js';
import { Database } from './database.js';
import { PostgresModule } from './postgres.module.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase([]);
});
afterAll(() => db.drop());

const setting = async (dataSource: DataSource, name: string) =>
  (await dataSource.query<{ value: string }[]>(`select current_setting($1) as value`, [name]))[0]?.value;

describe('connect', () => {
  it('works as the app role, whoever logs in, with time limits', async () => {
    const dataSource = await connect({ url: db.url, statementTimeoutMs: 1_500, idleInTransactionMs: 2_500 });
    expect(await dataSource.query(`select current_user as name`)).toEqual([{ name: 'tidings_app' }]);
    expect(await setting(dataSource, 'statement_timeout')).toBe('1500ms');
    expect(await setting(dataSource, 'idle_in_transaction_session_timeout')).toBe('2500ms');
    await dataSource.destroy();
  });

  it('keeps options of the url without letting them replace the role', async () => {
    const url = new URL(db.url);
    url.searchParams.set('options', '-c work_mem=7MB -c role=postgres');
    const dataSource = await connect({ url: url.toString() });
    expect(await setting(dataSource, 'work_mem')).toBe('7MB');
    expect(await dataSource.query(`select current_user as name`)).toEqual([{ name: 'tidings_app' }]);
    await dataSource.destroy();
  });

  it('reads offsets as numbers and days as text', async () => {
    expect(await db.dataSource.query(`select 5::int8 as next, date '2026-03-02' as day, count(*) from generate_series(1, 3)`)).toEqual([
      { next: 5, day: '2026-03-02', count: 3 },
    ]);
  });

  it('is infrastructure when nobody listens', async () => {
    await expect(connect({ url: 'postgres://127.0.0.1:1/none' })).rejects.toBeInstanceOf(InfrastructureError);
  });

  it('is infrastructure when every connection is taken for too long', async () => {
    const dataSource = await connect({ url: db.url, poolSize: 1, connectTimeoutMs: 200 });
    const database = new Database(dataSource);
    await database.transact({ workspaces: [] }, async () => {
      await expect(database.transact({ workspaces: [] }, () => Promise.resolve())).rejects.toBeInstanceOf(InfrastructureError);
    });
    await dataSource.destroy();
  });
});

@Injectable()
class Reader {
  constructor(
    readonly database: Database,
    readonly positions: PositionStore,
  ) {}
}

@Module({ providers: [Reader] })
class ReaderModule {}

describe('PostgresModule', () => {
  it('gives every module the database and the positions, and closes with the application', async () => {
    @Module({ imports: [PostgresModule.forRoot({ url: db.url }), ReaderModule] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    const { database, positions } = app.get(Reader);
    expect(await database.transact({ workspaces: [] }, (tx) => tx.query(`select 1 as one`))).toEqual([{ one: 1 }]);
    expect(positions).toBeInstanceOf(PositionStore);
    const dataSource = app.get(DataSource);
    await app.close();
    expect(dataSource.isInitialized).toBe(false);
  });
});
