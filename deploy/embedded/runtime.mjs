// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcement } from './announce.mjs';
import { ensureBuilt } from './build.mjs';
import { root, stateDir } from './checkout.mjs';
import { runCommand, stopCommands } from './command.mjs';
import { killAllGuarded, spawnGuarded, stopAllGuarded } from './guarded.mjs';
import { ensureDependencies, toolEnv } from './install.mjs';
import { startKafka } from './kafka.mjs';
import { follow, turnOver, worthShowing } from './log-tail.mjs';
import { portFromSetting } from './ports.mjs';
import { ensureDatabase, startPostgres } from './postgres.mjs';
import { whenNpmDies } from './processes.mjs';
import { ending, untilAppReady } from './readiness.mjs';
import { Refusal } from './refusal.mjs';
import { keepSecrets, writePrivately } from './secrets.mjs';
import { takeState } from './state.mjs';

/**
 * @typedef {object} RunOptions
 * @property {boolean} [fresh] begin with empty state
 * @property {string} [state] the state folder
 * @property {string[]} [appCommand] what to run instead of the built standalone app: a script for Node with its arguments
 * @property {string[] | null} [cliCommand] what to run instead of the built CLI; null loads no demo
 */
/** @typedef {import('./guarded.d.mts').LoggedChild} LoggedChild */
/** @typedef {{ node: string, appCommand: string[], cliCommand: string[] | null }} Programs */

const log = (/** @type {string} */ line) => console.error(`tidings: ${line}`);

/**
 * Brings everything up, prints where it is, and waits. Resolves to the exit code when everything is down again: 0 after Ctrl-C
 * or SIGTERM, 1 when a part ended by itself. A second signal does not wait for anybody.
 * @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export async function run(options = {}) {
  const interrupted = untilInterrupted();
  const state = options.state ?? stateDir;
  const held = await takeState(state, { fresh: options.fresh ?? false });
  /** @type {(() => void)[]} */
  const endings = [];
  try {
    const up = bringUp(state, options, endings);
    // Once interrupted nobody waits for it any more, and it fails because its children are stopped.
    up.catch(() => undefined);
    const children = await Promise.race([interrupted, up]);
    if (!children) return 0;
    const dead = await Promise.race([interrupted, firstDeath(children)]);
    if (!dead) return 0;
    const cause = /No space left on device/i.test(ending(dead)) ? ' because the disk is full' : '';
    console.error(`\n${ending(dead)}\n${dead.name} ended by itself${cause}; everything is being stopped.`);
    return 1;
  } finally {
    held.announceStop();
    await stopAllGuarded();
    endings.forEach((end) => end());
    held.release();
  }
}

/**
 * Resolves to null at the first request to stop. npm passes a signal on that the terminal has sent to everybody already,
 * so the same Ctrl-C may arrive twice; only a later one is a second request.
 * @returns {Promise<null>}
 */
function untilInterrupted() {
  return new Promise((resolve) => {
    let first = 0;
    const interrupt = () => {
      if (first === 0) {
        first = Date.now();
        log('stopping');
        stopCommands();
        resolve(null);
      } else if (Date.now() - first > 1_000) {
        void killAllGuarded().then(() => process.exit(130));
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
    whenNpmDies(interrupt);
  });
}

/**
 * @param {string} state
 * @param {RunOptions} options
 * @param {(() => void)[]} endings what else to do when everything is down
 * @returns {Promise<LoggedChild[]>} the children that must stay alive
 */
async function bringUp(state, options, endings) {
  const ports = { http: await portFromSetting('HTTP_PORT', 3000, process.env), admin: await portFromSetting('ADMIN_PORT', 3001, process.env) };
  if (ports.http === ports.admin) throw new Refusal(`HTTP_PORT and ADMIN_PORT are both ${ports.http}: set them to different ports.`);
  const secrets = keepSecrets(state);
  const programs = await preparePrograms(options);
  const { children, kafkaBrokers, databaseUrl } = await startServers(state, secrets.POSTGRES_PASSWORD);
  /** @type {import('./announce.mjs').Local} */
  const local = {
    url: `http://localhost:${ports.http}`, adminUrl: `http://localhost:${ports.admin}`,
    writeKey: secrets.BOOTSTRAP_WRITE_KEY, secretKey: secrets.BOOTSTRAP_SECRET_KEY,
    kafkaBrokers, topicPrefix: process.env.KAFKA_TOPIC_PREFIX ?? 'tidings.', databaseUrl,
  };
  const app = await startApp(state, programs, { local, ports, masterKey: secrets.MASTER_KEY }, endings);
  await loadDemo(programs, local);
  writePrivately(join(state, 'local.json'), local);
  console.log(announcement(local));
  return [...children, app];
}

/**
 * @param {RunOptions} options
 * @returns {Promise<Programs>}
 */
async function preparePrograms({ appCommand, cliCommand }) {
  const node = await ensureDependencies(log);
  if (!appCommand) await ensureBuilt(node, log);
  const built = (/** @type {string} */ app) => [join(root, 'dist', 'apps', app, 'main.js')];
  return { node, appCommand: appCommand ?? built('standalone'), cliCommand: cliCommand === undefined ? built('cli') : cliCommand };
}

/**
 * @param {string} state
 * @param {string} password
 */
async function startServers(state, password) {
  const { KAFKA_BROKERS, DATABASE_URL } = process.env;
  log(`starting ${[KAFKA_BROKERS ? '' : 'Kafka', DATABASE_URL ? '' : 'PostgreSQL'].filter(Boolean).join(' and ') || 'on the given Kafka and PostgreSQL'}`);
  const [kafka, postgres] = await Promise.all([
    KAFKA_BROKERS ? null : startKafka({ dir: join(state, 'kafka'), log }),
    DATABASE_URL ? null : startPostgres({ dir: join(state, 'postgres'), durable: true, password, log }),
  ]);
  if (postgres) await ensureDatabase(postgres, 'tidings');
  return {
    children: [kafka, postgres].flatMap((server) => (server ? [server.child] : [])),
    kafkaBrokers: KAFKA_BROKERS || (kafka?.brokers ?? ''),
    databaseUrl: DATABASE_URL || (postgres?.url('tidings') ?? ''),
  };
}

/** How Node is run, the same in the image and in the tests: young objects in small spaces, a bound on old ones, so that a process keeps to its memory. */
const nodeFlags = JSON.parse(readFileSync(join(root, 'deploy', 'node-flags.json'), 'utf8'));

/**
 * @param {string} state
 * @param {Programs} programs
 * @param {{ local: import('./announce.mjs').Local, ports: { http: number, admin: number }, masterKey: string }} settings
 * @param {(() => void)[]} endings
 * @returns {Promise<LoggedChild>}
 */
async function startApp(state, { node, appCommand }, { local, ports, masterKey }, endings) {
  const logFile = join(state, 'standalone.log');
  turnOver(logFile);
  log('starting Tidings');
  const app = await spawnGuarded({
    name: 'Tidings', command: node, args: [...nodeFlags.standalone, ...appCommand], cwd: root, logFile, graceMs: 30_000,
    env: {
      ...toolEnv(node), DATABASE_URL: local.databaseUrl, KAFKA_BROKERS: local.kafkaBrokers, KAFKA_TOPIC_PREFIX: local.topicPrefix,
      HTTP_PORT: String(ports.http), ADMIN_PORT: String(ports.admin), PUBLIC_URL: process.env.PUBLIC_URL || local.url, MASTER_KEY: process.env.MASTER_KEY || masterKey,
      BOOTSTRAP_WORKSPACE: 'demo', BOOTSTRAP_WRITE_KEY: local.writeKey, BOOTSTRAP_SECRET_KEY: local.secretKey,
      MIGRATE_ON_START: 'true', SANDBOX_OPEN_WORKSPACE: 'demo',
    },
  });
  const everything = process.env.LOG_LEVEL === 'debug';
  endings.push(follow(logFile, (line) => {
    const shown = everything ? line : worthShowing(line);
    if (shown !== null) console.error(shown);
  }));
  await untilAppReady(app, `${local.adminUrl}/health/ready`, { log });
  return app;
}

/**
 * @param {Programs} programs
 * @param {import('./announce.mjs').Local} local
 */
async function loadDemo({ node, cliCommand }, { url, secretKey }) {
  if (cliCommand === null) return;
  log('loading the demo workspace');
  const args = [...cliCommand, 'apply', 'examples/shop', '--environment', 'demo'];
  // The key goes by the environment: a command line is for everybody on the machine to see.
  const code = await runCommand(node, args, { env: { ...toolEnv(node), TIDINGS_URL: url, TIDINGS_KEY: secretKey } });
  if (code !== 0) throw new Refusal(`The demo workspace could not be loaded from examples/shop (exit code ${code}): see the message above.`);
}

/**
 * @param {LoggedChild[]} children
 * @returns {Promise<LoggedChild>}
 */
function firstDeath(children) {
  return Promise.race(children.map(async (child) => {
    await child.exited;
    return child;
  }));
}
