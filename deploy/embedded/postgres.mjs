// @ts-check
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginAnew, endedEarly, hasData, removeDir, throwAwayDir } from './data-folder.mjs';
import { spawnGuarded } from './guarded.mjs';
import { turnOver } from './log-tail.mjs';
import { portNear } from './ports.mjs';
import { binariesFor, databaseUser } from './postgres-binaries.mjs';
import { isAlive, processesIn, stopLeftoversIn } from './processes.mjs';
import { Refusal } from './refusal.mjs';

const common = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300', 'shared_buffers=128MB'];
const forgetful = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts a PostgreSQL server on data in `dir`, and resolves when it accepts connections. Data left by a killed server is recovered,
 * whatever is left of that server is stopped first; the port is that of the last start when it is still free.
 * @param {import('./postgres.d.mts').StartPostgres} options
 * @returns {Promise<import('./postgres.d.mts').EmbeddedPostgres>}
 */
export async function startPostgres({ dir, port, durable = dir !== undefined, ephemeral = dir === undefined, password, settings = [], log = () => undefined }) {
  const home = dir ?? throwAwayDir('postgres');
  const data = join(home, 'data');
  mkdirSync(home, { recursive: true });
  const keptData = hasData(data, 'PG_VERSION');
  const user = databaseUser(data);
  const bin = binariesFor(user);
  if (keptData) refuseOtherVersion(data, bin);
  else makeData(home, { user, bin, password, log });
  await clearAfterCrash(data);
  const chosen = port ?? (await rememberedPort(home));
  turnOver(join(home, 'postgres.log'));

  const all = [...common, ...(durable ? [] : forgetful), ...settings].flatMap((setting) => ['-c', setting]);
  const server = await spawnGuarded({
    name: 'PostgreSQL', command: join(bin, 'postgres'), cwd: data, logFile: join(home, 'postgres.log'), ...user,
    args: ['-D', asSeenFromWithin(data, user), '-p', String(chosen), ...all],
    // SIGINT ends the sessions and then the server in order; SIGTERM would wait for the sessions. What is thrown away need not be put in order.
    ...(ephemeral ? { stopSignal: 'SIGQUIT', throwAway: home } : { stopSignal: 'SIGINT' }),
  });
  await untilReady(server, data, keptData);
  return {
    port: chosen, dir: home, pid: server.pid, child: server, stop: server.stop, kill: server.kill,
    url: (database = 'postgres') => `postgres://postgres${password ? `:${password}` : ''}@127.0.0.1:${chosen}/${database}`,
  };
}

/**
 * How the server names the data folder, which is its working folder. The way there may be closed to its user, for example
 * through root's home; the working folder itself it has.
 * @param {string} data
 * @param {import('./postgres-binaries.mjs').User} user
 */
function asSeenFromWithin(data, user) {
  return user.uid === undefined || process.platform !== 'linux' ? data : '/proc/self/cwd';
}

/**
 * Makes the data folder beside its place and moves it there when whole, so that an interrupted first start leaves nothing half-made.
 * @param {string} home
 * @param {{ user: import('./postgres-binaries.mjs').User, bin: string, password?: string, log: (line: string) => void }} options
 */
function makeData(home, { user, bin, password, log }) {
  log('making the database');
  const fresh = join(home, 'data.new');
  removeDir(fresh);
  mkdirSync(fresh, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(fresh, user.uid, user.gid ?? user.uid);
  /** @param {string} program @param {string[]} args @param {string} [input] */
  const run = (program, args, input) => {
    const { status, stderr, error } = spawnSync(join(bin, program), args, { ...user, cwd: fresh, encoding: 'utf8', input });
    if (status !== 0) throw new Refusal(`PostgreSQL's data folder could not be made:\n${error?.message ?? stderr}`);
  };
  const seen = asSeenFromWithin(fresh, user);
  run('initdb', ['-D', seen, '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--auth=trust']);
  if (password) {
    run('postgres', ['--single', '-D', seen, 'postgres'], `alter user postgres password '${password}'\n`);
    writeFileSync(join(fresh, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  }
  removeDir(join(home, 'data'));
  renameSync(fresh, join(home, 'data'));
}

/**
 * @param {string} data
 * @param {string} bin
 */
function refuseOtherVersion(data, bin) {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const version = / (\d+)/.exec(spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
  if (version && made !== version) throw new Refusal(`${data} was made by PostgreSQL ${made}, and this is ${version}: ${beginAnew}.`);
}

/**
 * A server that was killed leaves its lock file, and for a moment its sessions: a new server must not start beside those, nor be
 * kept from starting by a lock whose process id has since gone to another process.
 * @param {string} data
 */
async function clearAfterCrash(data) {
  await stopLeftoversIn(data, 'SIGQUIT');
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  const gone = process.platform === 'linux' ? processesIn(data).length === 0 : !isAlive(pid);
  if (gone) rmSync(file);
}

/** @param {string} home */
async function rememberedPort(home) {
  const file = join(home, 'port');
  const port = await portNear(existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined);
  writeFileSync(file, String(port));
  return port;
}

/**
 * @param {import('./guarded.d.mts').LoggedChild} server
 * @param {string} data
 * @param {boolean} keptData
 */
async function untilReady(server, data, keptData) {
  const file = join(data, 'postmaster.pid');
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(25)) {
    if (!server.running()) throw endedEarly({ name: server.name, logFile: server.logFile, keptData });
    // The eighth line is the server's own word on its state, the one that pg_ctl waits for.
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready') return;
  }
  await server.kill();
  throw endedEarly({ name: server.name, logFile: server.logFile, keptData });
}

/**
 * Creates a database unless it exists.
 * @param {import('./postgres.d.mts').EmbeddedPostgres} server
 * @param {string} database
 */
export async function ensureDatabase(server, database) {
  // Not before: this file is loaded where nothing is installed yet.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (!rowCount) await client.query(`create database ${pg.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
