// @ts-check
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { ensureDatabase, startPostgres } from './postgres.mjs';
import { processesIn } from './processes.mjs';
import { temporaryFolder } from './testing.mjs';

/**
 * @param {string} url
 * @param {string} sql
 */
async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  // The server may be killed under the connection; the query's own failure is what counts.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what was committed survives SIGKILL, sessions and a lock whose process id belongs to another', async (t) => {
  const dir = temporaryFolder(t);
  const first = await startPostgres({ dir, password: 'a0' });
  t.after(() => first.kill());
  await ensureDatabase(first, 'tidings');
  await ensureDatabase(first, 'tidings');
  await query(first.url('tidings'), 'create table kept as select 42 as answer');
  const session = new pg.Client({ connectionString: first.url() });
  session.on('error', () => undefined);
  await session.connect();
  await first.kill();
  const lock = join(dir, 'data', 'postmaster.pid');
  writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(process.pid)));

  const second = await startPostgres({ dir, password: 'a0' });
  t.after(() => second.stop());
  assert.equal(second.port, first.port);
  assert.deepEqual(await query(second.url('tidings'), 'select answer from kept'), [{ answer: 42 }]);
  await assert.rejects(query(second.url().replace('a0', 'a1'), 'select 1'), /password authentication failed/);
  await second.stop();
  assert.deepEqual(processesIn(join(dir, 'data')), []);
});

test('data in a folder that is closed to other users can be used, by root too', async (t) => {
  const closed = join(temporaryFolder(t), 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o700);
  const server = await startPostgres({ dir: join(closed, 'postgres') });
  t.after(() => server.stop());
  assert.deepEqual(await query(server.url(), 'select 1 as one'), [{ one: 1 }]);
});

for (const [what, file, content, sentence] of /** @type {const} */ ([
  ['a strange file', 'holiday.txt', 'x', /there is no PG_VERSION in it.*npm start -- --fresh/],
  ['the data of another version', 'PG_VERSION', '9\n', /was made by PostgreSQL 9, and this is 18.*npm start -- --fresh/],
  ['damaged data', 'PG_VERSION', '18\n', /PostgreSQL could not start\. If its data in .* is damaged, .*npm start -- --fresh/],
])) {
  test(`${what} in the data folder is one sentence`, async (t) => {
    const dir = temporaryFolder(t);
    mkdirSync(join(dir, 'data'), { mode: 0o700 });
    writeFileSync(join(dir, 'data', file), content);
    await assert.rejects(startPostgres({ dir }), sentence);
  });
}
