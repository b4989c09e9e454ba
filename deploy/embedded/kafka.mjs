// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './command.mjs';
import { endedEarly, hasData, removeDir, throwAwayDir } from './data-folder.mjs';
import { spawnGuarded } from './guarded.mjs';
import { archivedClasses } from './kafka-classes.mjs';
import { ensureKafka } from './kafka-jars.mjs';
import { answersMetadata } from './kafka-ready.mjs';
import { logSettings, serverSettings } from './kafka-settings.mjs';
import { readTail, turnOver } from './log-tail.mjs';
import { portNear } from './ports.mjs';
import { stopLeftoversIn } from './processes.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {import('./kafka.d.mts').StartKafka} StartKafka */

/**
 * Starts a single Kafka broker on data in `dir`, and resolves when it serves clients. Data left by a killed broker is recovered;
 * the ports are those of the last start when they are still free. A broker that cannot start is a Refusal with the end of its log.
 * @param {StartKafka} options
 * @returns {Promise<import('./kafka.d.mts').EmbeddedKafka>}
 */
export async function startKafka({ dir, port, controllerPort, ephemeral = dir === undefined, heapMb = 512, log = () => undefined }) {
  const { java, libs } = await ensureKafka(log);
  const classes = await archivedClasses(libs, (file) => archiveClasses({ java, libs, log, file }));
  const home = dir ?? throwAwayDir('kafka');
  const data = join(home, 'data');
  mkdirSync(home, { recursive: true });
  await stopLeftoversIn(home, 'SIGTERM');
  const ports = await choosePorts(home, { port, controllerPort });
  writeFileSync(join(home, 'log4j2.properties'), logSettings);
  const keptData = hasData(data, 'meta.properties');
  if (!keptData) await format(home, { java, libs, ports, classes });
  writeFileSync(join(home, 'server.properties'), serverSettings({ data, ports }));
  turnOver(join(home, 'kafka.log'));

  const memory = [`-Xms${Math.min(256, heapMb)}m`, `-Xmx${heapMb}m`, '-XX:+ExitOnOutOfMemoryError'];
  const broker = await spawnGuarded({
    name: 'Kafka', command: java, cwd: home, logFile: join(home, 'kafka.log'),
    args: [...memory, ...classes, ...javaArgs(home, libs), 'kafka.Kafka', 'server.properties'],
    // What is thrown away need not be put in order first.
    ...(ephemeral ? { throwAway: home, graceMs: 0, orphanGraceMs: 0 } : {}),
  });
  await untilReady(broker, ports.port, keptData);
  return {
    brokers: `127.0.0.1:${ports.port}`, port: ports.port, dir: home, libs, pid: broker.pid, child: broker,
    stop: broker.stop, kill: broker.kill,
  };
}

/**
 * Runs a broker that is thrown away, and has Java write down the classes that it loaded.
 * @param {{ java: string, libs: string, log: (line: string) => void, file: string }} options
 */
async function archiveClasses({ java, libs, log, file }) {
  log('preparing Kafka (once)');
  const home = throwAwayDir('kafka');
  const ports = await choosePorts(home, {});
  writeFileSync(join(home, 'log4j2.properties'), logSettings);
  await format(home, { java, libs, ports });
  writeFileSync(join(home, 'server.properties'), serverSettings({ data: join(home, 'data'), ports }));
  const broker = await spawnGuarded({
    name: 'Kafka', command: java, cwd: home, logFile: join(home, 'kafka.log'), throwAway: home, graceMs: 120_000, orphanGraceMs: 0,
    args: [`-XX:ArchiveClassesAtExit=${file}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off', ...javaArgs(home, libs), 'kafka.Kafka', 'server.properties'],
  });
  await untilReady(broker, ports.port, false);
  await broker.stop();
}

/**
 * @param {string} home
 * @param {string} libs
 */
function javaArgs(home, libs) {
  return [`-Dlog4j2.configurationFile=${join(home, 'log4j2.properties')}`, '-Djava.awt.headless=true', '-cp', join(libs, '*')];
}

/**
 * @param {string} home
 * @param {{ port?: number, controllerPort?: number }} given
 */
async function choosePorts(home, given) {
  const file = join(home, 'ports.json');
  const last = readPorts(file);
  const port = given.port ?? (await portNear(last.port));
  let controllerPort = given.controllerPort ?? (await portNear(last.controllerPort));
  while (controllerPort === port) controllerPort = await portNear(undefined);
  writeFileSync(file, JSON.stringify({ port, controllerPort }));
  return { port, controllerPort };
}

/**
 * @param {string} file
 * @returns {{ port?: number, controllerPort?: number }} nothing when the file is missing or damaged: any ports will do
 */
function readPorts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch {
    return {};
  }
}

/**
 * Makes the data folder beside its place and moves it there when whole, so that an interrupted first start leaves nothing half-made.
 * @param {string} home
 * @param {{ java: string, libs: string, ports: { port: number, controllerPort: number }, classes?: string[] }} with_
 */
async function format(home, { java, libs, ports, classes = [] }) {
  const fresh = join(home, 'data.new');
  const settings = join(home, 'format.properties');
  const output = join(home, 'format.log');
  removeDir(fresh);
  writeFileSync(settings, serverSettings({ data: fresh, ports }));
  // One in 64 begins with a dash, which the tool takes for an option unless it is tied to its own.
  const clusterId = randomBytes(16).toString('base64url');
  const command = `exec "$0" "$@" > format.log 2>&1`;
  const tool = [...classes, ...javaArgs(home, libs), 'kafka.tools.StorageTool', 'format', '--standalone', `--cluster-id=${clusterId}`, '-c', settings];
  const code = await runCommand('/bin/sh', ['-c', command, java, '-XX:TieredStopAtLevel=1', ...tool], { cwd: home });
  if (code !== 0) throw new Refusal(`Kafka's data folder could not be made:\n${readTail(output)}`);
  removeDir(join(home, 'data'));
  renameSync(fresh, join(home, 'data'));
}

/**
 * @param {import('./guarded.d.mts').LoggedChild} broker
 * @param {number} port
 * @param {boolean} keptData
 */
async function untilReady(broker, port, keptData) {
  // A large log is recovered before the broker serves; that is work, not a failure.
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(100)) {
    if (!broker.running()) throw endedEarly({ name: broker.name, logFile: broker.logFile, keptData });
    if (await answersMetadata(port)) return;
  }
  await broker.kill();
  throw endedEarly({ name: broker.name, logFile: broker.logFile, keptData });
}
