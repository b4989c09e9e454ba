import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError } from '@tidings/bus';
import { testDatabase, type TestDatabase } from '@tidings/testing';
import type { AppSchema } from './app-schema.js';
import { maintainPartitions } from './day-partitions.store.js';
import { rowLevelSecurity } from './row-level-security.js';

const schema: AppSchema = {
  schema: 'diary',
  migrations: [
    {
      name: '001-entry',
      sql: `create table diary.entry (workspace text not null, day date not null, id text not null, primary key (workspace, day, id)) partition by range (day);
            create index entry_id on diary.entry (id);
            ${rowLevelSecurity('diary', 'entry')}`,
    },
  ],
  dayPartitions: [{ table: 'entry', keepDays: 10, fillFactor: 60 }],
};
/** Far from the day of the machine, around which `migrate` makes partitions. */
const now = new Date('2031-05-10T23:59:59Z');
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase([schema]);
});
afterEach(() => db.drop());

const maintain = (at: Date) => maintainPartitions(db.database, [schema], at);
const write = (day: string, id: string) =>
  db.database.transact({ workspaces: ['a'] }, (tx) => tx.query(`insert into diary.entry values ('a', $1, $2)`, [day, id]));
const put = async (...days: string[]) => {
  for (const day of days) await write(day, day);
};
/** As consumers do: infrastructure trouble is waited out. */
const until = (work: () => Promise<unknown>): Promise<unknown> =>
  work().catch((error: unknown) => (error instanceof InfrastructureError ? until(work) : Promise.reject(error as Error)));
const places = async () =>
  Object.fromEntries((await db.rows<{ day: string; place: string }>(`select day::text, tableoid::regclass::text as place from diary.entry order by day`)).map(({ day, place }) => [day, place]));
const partitions = async () =>
  (await db.rows<{ name: string }>(`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'diary.entry'::regclass order by 1`)).map(({ name }) => name);

describe('day partitions', () => {
  it('are there after migrate, around the day of the database', async () => {
    const [row] = await db.rows<{ name: string }>(`select to_char(now() at time zone 'utc', '"diary.entry_y"YYYY"m"MM"d"DD') as name`);
    expect(await partitions()).toEqual(expect.arrayContaining(['diary.entry_default', row?.name]));
  });

  it('reach from two days before to three days after now, in UTC', async () => {
    await maintain(now);
    const made = (await partitions()).filter((name) => name.startsWith('diary.entry_y2031'));
    expect(made).toEqual(['08', '09', '10', '11', '12', '13'].map((day) => `diary.entry_y2031m05d${day}`));
  });

  it('are filled as their table asks', async () => {
    await maintain(now);
    const filled = await db.rows(`select reloptions from pg_class where oid = 'diary.entry_y2031m05d10'::regclass`);
    expect(filled).toEqual([{ reloptions: ['fillfactor=60'] }]);
  });

  it('take their rows over from the default partition, where rows for other days wait', async () => {
    await put('2031-05-12', '2031-05-20');
    expect(await places()).toEqual({ '2031-05-12': 'diary.entry_default', '2031-05-20': 'diary.entry_default' });
    await maintain(now);
    expect(await places()).toEqual({ '2031-05-12': 'diary.entry_y2031m05d12', '2031-05-20': 'diary.entry_default' });
    await maintain(later(8));
    expect(await places()).toMatchObject({ '2031-05-20': 'diary.entry_y2031m05d20' });
  });

  it('are dropped when they are older than keepDays, and rows of the default partition with them', async () => {
    await maintain(now);
    await put('2031-05-09', '2031-05-10', '2031-05-06', '2031-04-01');
    await maintain(later(10));
    expect(await places()).toEqual({ '2031-05-10': 'diary.entry_y2031m05d10' });
    expect(await partitions()).not.toContain('diary.entry_y2031m05d09');
  });

  it('carry the indexes of their table', async () => {
    await maintain(now);
    expect(await db.rows(`select from pg_indexes where tablename = 'entry_y2031m05d10'`)).toHaveLength(2);
  });

  it('are closed to services except through their table, which row-level security guards', async () => {
    await maintain(now);
    await put('2031-05-10', '2031-06-10');
    const read = (table: string, workspace: string) => db.database.transact({ workspaces: [workspace] }, (tx) => tx.query(`select id from ${table}`));
    expect(await read('diary.entry', 'a')).toHaveLength(2);
    expect(await read('diary.entry', 'b')).toEqual([]);
    await expect(read('diary.entry_y2031m05d10', 'a')).rejects.toMatchObject({ code: '42501' });
    await expect(read('diary.entry_default', 'a')).rejects.toMatchObject({ code: '42501' });
  });

  it('are maintained by many processes at once, with rows coming in', async () => {
    const days = Array.from({ length: 30 }, (_, at) => `2031-05-${String(8 + (at % 6)).padStart(2, '0')}`);
    const writes = days.map((day, at) => until(() => write(day, String(at))));
    await Promise.all([...Array.from({ length: 4 }, () => maintain(now)), ...writes]);
    expect(Object.values(await places())).not.toContain('diary.entry_default');
    expect(await db.rows(`select from diary.entry`)).toHaveLength(30);
  });

  it('that are attached while a row is on its way make it come again, as infrastructure', async () => {
    await maintain(now);
    await db.rows(`begin`);
    await db.rows(`select diary.maintain_day_partitions('2031-05-11')`);
    const onItsWay = write('2031-05-14', '1');
    await db.rows(`do $$ begin while not exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')
                   loop perform pg_stat_clear_snapshot(); perform pg_sleep(0.01); end loop; end $$`);
    await db.rows(`commit`);
    await expect(onItsWay).rejects.toBeInstanceOf(InfrastructureError);
    await write('2031-05-14', '1');
    expect(await places()).toEqual({ '2031-05-14': 'diary.entry_y2031m05d14' });
  });

  it('of a table that is not listed any more are left as they are', async () => {
    await maintain(now);
    const before = await partitions();
    await maintainPartitions(db.database, [{ schema: 'diary', migrations: [] }], later(100));
    expect(await partitions()).toEqual(before);
  });
});
