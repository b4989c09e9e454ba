// @ts-check
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { freePort } from './ports.mjs';
import { isAlive, processesIn } from './processes.mjs';
import { runSource, temporaryFolder, until } from './testing.mjs';

/** Stands for the standalone app: is ready when its port is open, and ends on SIGTERM unless told to end by itself. */
const app = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
writeFileSync(process.argv[2], JSON.stringify({ pid: process.pid, env: process.env }));
createServer((request, response) => response.writeHead(request.url === '/health/ready' ? 200 : 404).end()).listen(Number(process.env.ADMIN_PORT));
console.log(JSON.stringify({ level: 30, msg: 'nothing to see' }));
console.log(JSON.stringify({ level: 40, msg: 'look here' }));
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => { console.error('the app broke'); process.exit(3); });
`;

/**
 * @param {import('node:test').TestContext} t
 * @param {string} [source] what stands for the app
 */
async function installation(t, source = app) {
  const dir = temporaryFolder(t);
  const state = join(dir, 'state');
  const said = join(dir, 'app.json');
  writeFileSync(join(dir, 'app.mjs'), source);
  const env = { HTTP_PORT: String(await freePort()), ADMIN_PORT: String(await freePort()) };
  return {
    state, env,
    /** @param {{ fresh?: boolean }} [options] */
    start: (options = {}) => {
      const all = JSON.stringify({ ...options, state, appCommand: [join(dir, 'app.mjs'), said], cliCommand: null });
      return runSource(t, `import { exitWith } from './refusal.mjs'; import { run } from './runtime.mjs'; await exitWith(run(${all}));`, env);
    },
    local: () => JSON.parse(readFileSync(join(state, 'local.json'), 'utf8')),
    app: () => JSON.parse(readFileSync(said, 'utf8')),
    remains: () => [...processesIn(join(state, 'kafka')), ...processesIn(join(state, 'postgres', 'data'))],
  };
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('tables of another version are refused in one sentence that says what to do', async (t) => {
  const it = await installation(t, `
    console.log(JSON.stringify({ level: 'fatal', err: { message: 'migration segmentation/001-profiles is not what was applied to this database; restore its text' } }));
    process.exit(1);`);
  const start = it.start();
  assert.equal(await start.ended, 1);
  assert.match(start.output(), /The tables were made by another version of Tidings, .*npm start -- --fresh/);
  assert.deepEqual(it.remains(), []);
});

test('a start is announced, survives SIGKILL of the parent with its data, and ends cleanly on SIGTERM', async (t) => {
  const it = await installation(t);
  const first = it.start();
  await first.says('Ctrl-C stops everything.');
  const local = it.local();
  assert.deepEqual(Object.keys(local).sort(), ['adminUrl', 'databaseUrl', 'kafkaBrokers', 'secretKey', 'topicPrefix', 'url', 'writeKey']);
  assert.equal(statSync(join(it.state, 'local.json')).mode & 0o077, 0);
  assert.ok(first.output().includes(local.writeKey) && first.output().includes(`${local.url}/sandbox`) && first.output().includes(local.kafkaBrokers));
  const { pid, env } = it.app();
  assert.deepEqual(
    [env.DATABASE_URL, env.KAFKA_BROKERS, env.KAFKA_TOPIC_PREFIX, env.BOOTSTRAP_WORKSPACE, env.BOOTSTRAP_WRITE_KEY],
    [local.databaseUrl, local.kafkaBrokers, 'tidings.', 'demo', local.writeKey]);
  await first.says('warning: look here');
  assert.doesNotMatch(first.output(), /nothing to see/);
  await query(local.databaseUrl, 'create table kept as select 42 as answer');

  const other = it.start();
  assert.equal(await other.ended, 1);
  assert.match(other.output(), new RegExp(`already running from this checkout \\(process ${first.pid}\\)`));

  first.kill('SIGKILL');
  await until('no broker, database or app stays behind', () => it.remains().length === 0 && !isAlive(pid));

  const second = it.start();
  await second.says('Ctrl-C stops everything.');
  assert.equal(it.local().secretKey, local.secretKey);
  assert.equal(it.local().kafkaBrokers, local.kafkaBrokers);
  assert.deepEqual(await query(it.local().databaseUrl, 'select answer from kept'), [{ answer: 42 }]);
  second.kill('SIGTERM');
  assert.equal(await second.ended, 0, second.output());
  assert.deepEqual(it.remains(), []);
  assert.equal(isAlive(it.app().pid), false);

  writeFileSync(join(it.state, 'secrets.json'), '{');
  mkdirSync(join(it.state, 'cache'));
  const fresh = it.start({ fresh: true });
  await fresh.says('Ctrl-C stops everything.');
  assert.notEqual(it.local().secretKey, local.secretKey);
  assert.equal(existsSync(join(it.state, 'cache')), true, 'downloads outlive --fresh');
  process.kill(it.app().pid, 'SIGUSR2');
  assert.equal(await fresh.ended, 1);
  assert.match(fresh.output(), /the app broke[\s\S]*Tidings ended by itself/);
  assert.deepEqual(it.remains(), []);
});

test('a signal during the start stops what has been started', async (t) => {
  const it = await installation(t);
  const start = it.start();
  await start.says('starting Kafka');
  await until('the broker is up', () => processesIn(join(it.state, 'kafka')).length > 0);
  start.kill('SIGINT');
  assert.equal(await start.ended, 0, start.output());
  assert.deepEqual(it.remains(), []);
});

for (const setting of ['HTTP_PORT', 'ADMIN_PORT']) {
  test(`a taken ${setting} is one sentence that names it`, async (t) => {
    const it = await installation(t);
    const holder = createServer().listen(Number(it.env[/** @type {'HTTP_PORT'} */ (setting)]), '127.0.0.1');
    t.after(() => holder.close());
    const start = it.start();
    assert.equal(await start.ended, 1);
    assert.match(start.output().trim(), new RegExp(`^Port \\d+ is in use by another program: stop it, or set ${setting} to another port, as in \`${setting}=\\d+ npm start\`\\.$`));
    assert.deepEqual(readdirSync(it.state), [], 'the lock is released');
  });
}

test('a state folder that is none is one sentence', async (t) => {
  const it = await installation(t);
  writeFileSync(it.state, 'x');
  const start = it.start();
  assert.equal(await start.ended, 1);
  assert.match(start.output().trim(), /^\S+ is not a folder: .*npm start -- --fresh`\.$/);
});

test('lost secrets beside kept data are one sentence', async (t) => {
  const it = await installation(t);
  mkdirSync(join(it.state, 'postgres', 'data'), { recursive: true });
  const start = it.start();
  assert.equal(await start.ended, 1);
  assert.match(start.output().trim(), /secrets\.json is missing, .*npm start -- --fresh`\.$/);
});

test('a lock left by a process that is gone, or damaged, holds up nobody', async (t) => {
  const it = await installation(t);
  mkdirSync(it.state);
  for (const left of [JSON.stringify({ pid: process.pid, born: 'another time', stopping: false }), '{']) {
    writeFileSync(join(it.state, 'lock'), left);
    writeFileSync(join(it.state, 'secrets.json'), '{');
    const start = it.start();
    assert.equal(await start.ended, 1);
    assert.match(start.output(), /secrets\.json is damaged/);
  }
});
