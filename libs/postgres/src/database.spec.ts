import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError, PartitionLost, type Position } from '@tidings/bus';
import { breakingProxy, testDatabase, type TestDatabase } from '@tidings/testing';
import type { AppSchema } from './app-schema.js';
import { connect } from './connect.js';
import { Database } from './database.js';
import { PostgresPositions } from './positions.store.js';
import { rowLevelSecurity } from './row-level-security.js';

const schema: AppSchema = {
  schema: 'shelf',
  migrations: [
    {
      name: '001-note',
      sql: `create table shelf.note (workspace text not null, id text not null, body text not null default '', primary key (workspace, id));
            ${rowLevelSecurity('shelf', 'note')}`,
    },
  ],
};
const position = (from: number, to: number): Position => ({ schema: 'shelf', consumer: 'shelf', topic: 'events', partition: 0, from, to });

let db: TestDatabase;
beforeAll(async () => {
  // One connection: what a transaction leaves behind on it, the next one would see.
  db = await testDatabase([schema], { poolSize: 1 });
});
afterAll(() => db.drop());
beforeEach(() => db.rows(`truncate shelf.note, shelf.kafka_position`));

const write = (workspaces: string[], workspace: string, id: string, at?: Position) =>
  db.database.transact({ workspaces, positions: at && [at] }, (tx) => tx.query(`insert into shelf.note (workspace, id) values ($1, $2)`, [workspace, id]));
const visible = (workspaces: string[]) =>
  db.database.transact({ workspaces }, async (tx) => (await tx.query<{ id: string }>(`select id from shelf.note order by id`)).map(({ id }) => id));
const stored = () => db.rows(`select workspace, id from shelf.note order by id`);
const nextOffset = async () => (await db.rows<{ next_offset: string }>(`select next_offset from shelf.kafka_position`))[0]?.next_offset;

describe('what a transaction sees', () => {
  beforeEach(() => db.rows(`insert into shelf.note (workspace, id) values ('a', 'a-1'), ('b', 'b-1'), ('a,b', 'comma'), ('"a"', 'quoted')`));

  it.each<[string, string[], string[]]>([
    ['nothing when it names no workspace', [], []],
    ['one workspace', ['a'], ['a-1']],
    ['several workspaces', ['a', 'b'], ['a-1', 'b-1']],
    ['a workspace with a comma in its id, and not those the comma separates', ['a,b'], ['comma']],
    ['a workspace with quotes in its id', ['"a"'], ['quoted']],
  ])('is %s', async (_case, workspaces, expected) => {
    expect(await visible(workspaces)).toEqual(expected);
  });

  it('is never what the transaction before it named, on the same connection', async () => {
    for (let round = 0; round < 5; round++) {
      expect(await visible(['a'])).toEqual(['a-1']);
      expect(await visible(['b'])).toEqual(['b-1']);
      expect(await visible([])).toEqual([]);
    }
  });

  it('is its own, while transactions of other workspaces want the same connection', async () => {
    const turns = Array.from({ length: 40 }, (_, turn) => (turn % 2 ? 'a' : 'b'));
    expect(await Promise.all(turns.map((workspace) => visible([workspace])))).toEqual(turns.map((workspace) => [`${workspace}-1`]));
  });

  it('stays so after a transaction that failed', async () => {
    await expect(db.database.transact({ workspaces: ['a', 'b'] }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await visible([])).toEqual([]);
  });

  it('is nothing outside of a transaction', async () => {
    expect(await visible(['a', 'b'])).toHaveLength(2);
    expect(await db.dataSource.query(`select * from shelf.note`)).toEqual([]);
  });
});

describe('what a transaction writes', () => {
  it('is refused in another workspace', async () => {
    await expect(write(['a'], 'b', 'b-1')).rejects.toThrow('row-level security');
    expect(await stored()).toEqual([]);
  });

  it('leaves the rows of other workspaces alone', async () => {
    await db.rows(`insert into shelf.note (workspace, id) values ('a', '1'), ('b', '2')`);
    await db.database.transact({ workspaces: ['a'] }, (tx) => tx.query(`delete from shelf.note`));
    expect(await stored()).toEqual([{ workspace: 'b', id: '2' }]);
  });

  it('cannot be moved into another workspace', async () => {
    await write(['a'], 'a', '1');
    await expect(db.database.transact({ workspaces: ['a'] }, (tx) => tx.query(`update shelf.note set workspace = 'b'`))).rejects.toThrow('row-level security');
  });

  it('is undone when the work fails, also when the failing statement was caught', async () => {
    const caught = db.database.transact({ workspaces: ['a'] }, async (tx) => {
      await tx.query(`insert into shelf.note (workspace, id) values ('a', '1')`);
      await tx.query(`insert into shelf.note (workspace, id) values ('a', '1')`).catch(() => undefined);
    });
    await expect(caught).rejects.toMatchObject({ code: '23505' });
    expect(await stored()).toEqual([]);
  });

  it('is what was awaited: a later statement does not slip into the next transaction', async () => {
    const tx = await db.database.transact({ workspaces: ['a'] }, (open) => Promise.resolve(open));
    await expect(tx.query(`insert into shelf.note (workspace, id) values ('a', 'late')`)).rejects.toThrow('end of its transaction');
  });

  it('keeps the order of statements that were sent at once', async () => {
    await db.database.transact({ workspaces: ['a'] }, (tx) =>
      Promise.all([
        tx.query(`insert into shelf.note (workspace, id) values ('a', '1')`),
        tx.query(`update shelf.note set body = 'first' where id = '1'`),
        tx.query(`update shelf.note set body = body || ', second' where id = '1'`),
      ]),
    );
    expect(await db.rows(`select body from shelf.note`)).toEqual([{ body: 'first, second' }]);
  });
});

describe('a position', () => {
  beforeEach(async () => {
    await new PostgresPositions(db.database).begin('shelf', 'shelf', 'events', 0, 10);
  });

  it('moves together with the work', async () => {
    await write(['a'], 'a', '1', position(10, 15));
    expect(await nextOffset()).toBe('15');
    expect(await stored()).toHaveLength(1);
  });

  it('moves with those of other partitions, all or none', async () => {
    const positions = new PostgresPositions(db.database);
    for (const partition of [1, 2]) await positions.begin('shelf', 'shelf', 'events', partition, 10);
    const of = (partition: number, from: number) => ({ ...position(from, from + 5), partition });
    await db.database.transact({ workspaces: [], positions: [of(1, 10), of(2, 10)] }, () => Promise.resolve());
    const half = db.database.transact({ workspaces: [], positions: [of(1, 15), of(2, 10)] }, () => Promise.resolve());
    await expect(half).rejects.toBeInstanceOf(PartitionLost);
    expect(await positions.load('shelf', 'shelf', 'events', [1, 2])).toEqual(new Map([[1, 15], [2, 15]])); // prettier-ignore
  });

  it('that is lost is found out before the work hears anything', async () => {
    let heard = false;
    const zombie = db.database.transact({ workspaces: ['a'], positions: [position(99, 100)] }, async (tx) => {
      await tx.query('select 1');
      heard = true;
    });
    await expect(zombie).rejects.toBeInstanceOf(PartitionLost);
    expect(heard).toBe(false);
  });

  it('stays when the work fails', async () => {
    await expect(write(['a'], 'b', '1', position(10, 15))).rejects.toThrow();
    expect(await nextOffset()).toBe('10');
  });

  it.each<[string, Position]>([
    ['another consumer moved', position(5, 9)],
    ['stands before the batch, so that work would be skipped,', position(12, 15)],
    ['was never begun', { ...position(10, 15), partition: 7 }],
  ])('that %s ends the transaction with PartitionLost and stores nothing', async (_case, at) => {
    await expect(write(['a'], 'a', '1', at)).rejects.toBeInstanceOf(PartitionLost);
    expect(await stored()).toEqual([]);
    expect(await nextOffset()).toBe('10');
  });

  it('makes a zombie wait for the owner and then fail', async () => {
    const two = await testDatabase([schema], { poolSize: 2 });
    await new PostgresPositions(two.database).begin('shelf', 'shelf', 'events', 0, 10);
    const work = (id: string) =>
      two.database.transact({ workspaces: ['a'], positions: [position(10, 15)] }, (tx) => tx.query(`insert into shelf.note (workspace, id) values ('a', $1)`, [id]));
    const ends = await Promise.allSettled([work('one'), work('other')]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')?.reason).toBeInstanceOf(PartitionLost);
    expect(await two.rows(`select id from shelf.note`)).toHaveLength(1);
    await two.drop();
  });
});

describe('PostgresPositions', () => {
  it('tells where it is from where it never was', async () => {
    const positions = new PostgresPositions(db.database);
    await positions.begin('shelf', 'shelf', 'events', 0, 10);
    await positions.begin('shelf', 'shelf', 'events', 0, 99);
    expect(await positions.load('shelf', 'shelf', 'events', [0, 1])).toEqual(new Map([[0, 10], [1, null]]));
  });

  it('advances without work, under the same fence', async () => {
    const positions = new PostgresPositions(db.database);
    await positions.begin('shelf', 'shelf', 'events', 0, 10);
    await positions.advance(position(10, 11));
    await expect(positions.advance(position(10, 11))).rejects.toBeInstanceOf(PartitionLost);
    expect(await nextOffset()).toBe('11');
  });
});

describe('trouble', () => {
  it('of the connection is infrastructure, and the next transaction has a new one', async () => {
    const killed = db.database.transact({ workspaces: [] }, async (tx) => {
      const [row] = await tx.query<{ pid: number }>(`select pg_backend_pid() as pid`);
      await db.rows(`select pg_terminate_backend($1)`, [row?.pid]);
      await tx.query(`select 1`);
    });
    await expect(killed).rejects.toBeInstanceOf(InfrastructureError);
    expect(await visible([])).toEqual([]);
  });

  it('of the connection between two statements does not end the process', async () => {
    const killed = db.database.transact({ workspaces: [] }, async (tx) => {
      const [row] = await tx.query<{ pid: number }>(`select pg_backend_pid() as pid`);
      await db.rows(`select pg_terminate_backend($1, 5000)`, [row?.pid]);
      await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(killed).rejects.toBeInstanceOf(InfrastructureError);
    expect(await visible([])).toEqual([]);
  });

  it('of the network in the middle of a statement is infrastructure', async () => {
    const proxy = await breakingProxy(db.url, 'the end');
    const dataSource = await connect({ url: proxy.url });
    const database = new Database(dataSource);
    const broken = database.transact({ workspaces: [] }, (tx) => tx.query(`select 'the end'`));
    await expect(broken).rejects.toBeInstanceOf(InfrastructureError);
    await expect(database.transact({ workspaces: [] }, (tx) => tx.query(`select 1 as one`))).resolves.toEqual([{ one: 1 }]);
    await dataSource.destroy();
    proxy.close();
  });

  it('with a statement that was prepared before its table changed is infrastructure, and over with the connection', async () => {
    const read = () => db.database.transact({ workspaces: ['a'] }, (tx) => tx.query('select * from shelf.note'));
    await read();
    await db.rows('alter table shelf.note add column seen boolean');
    await expect(read()).rejects.toBeInstanceOf(InfrastructureError);
    expect(await read()).toEqual([]);
    await db.rows('alter table shelf.note drop column seen');
  });

  it('that a statement takes too long is infrastructure', async () => {
    const slow = db.database.transact({ workspaces: [] }, async (tx) => {
      await tx.query(`set local statement_timeout = 50`);
      await tx.query(`select pg_sleep(5)`);
    });
    await expect(slow).rejects.toBeInstanceOf(InfrastructureError);
  });
});

describe('a batch', () => {
  const asked = `explain select n.* from unnest($1::text[]) as k(id) join shelf.note n on n.workspace = 'a' and n.id = k.id`;
  const planOf = (positions: readonly Position[]) =>
    db.database.transact({ workspaces: ['a'], positions }, async (tx) => (await tx.query<{ 'QUERY PLAN': string }>(asked, [['1', '2']])).map((line) => line['QUERY PLAN']).join('\n'));

  it('finds rows by their key in a table that was small when its rows were counted, and leaves that to nobody after it', async () => {
    await db.rows(`insert into shelf.kafka_position (consumer, topic, partition, next_offset) values ('shelf', 'events', 0, 0)`);
    // Of so few pages a plan reads all, and goes on doing so when they are many.
    await db.rows(`insert into shelf.note (workspace, id) select 'a', n from generate_series(1, 3) n`);
    await db.rows(`analyze shelf.note`);
    const others = await planOf([]);
    expect(others).toContain('Seq Scan on note');
    expect(await planOf([position(0, 1)])).toMatch(/Index (Only )?Scan using note_pkey/);
    expect(await planOf([])).toBe(others);
  });
});
