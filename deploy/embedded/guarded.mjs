// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedDir } from './checkout.mjs';
import { removeDir } from './data-folder.mjs';
import { isAlive } from './processes.mjs';
import { Refusal } from './refusal.mjs';

/**
 * @typedef {object} GuardSpec what the guard process is told
 * @property {string} command
 * @property {string[]} args
 * @property {string} cwd
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {NodeJS.Signals} stopSignal
 * @property {number} graceMs time between the stop signal and SIGKILL
 * @property {number} orphanGraceMs the same when the parent has died
 * @property {string} [throwAway] a folder to delete when the child is stopped or the parent has died, but not when the child is killed
 */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */
/** @typedef {{ kind: 'started', pid: number } | { kind: 'failed', message: string } | { kind: 'exited' } & Exit} GuardReport */
/**
 * @typedef {object} GuardedOptions
 * @property {string} name how messages call it
 * @property {string} logFile where its output is appended
 * @property {NodeJS.ProcessEnv} [env]
 */
/**
 * @typedef {object} Guarded a child that cannot outlive this process
 * @property {string} name
 * @property {number} pid the child's own id, not its guard's
 * @property {string} logFile
 * @property {Promise<Exit>} exited
 * @property {() => boolean} running
 * @property {() => boolean} expected whether its end was asked for by `stop` or `kill`
 * @property {() => Promise<void>} stop asks it to end, and makes it after its grace
 * @property {() => Promise<void>} kill ends it at once, as a crash would
 */

/** @type {Set<Guarded>} */
const running = new Set();
/** @type {Set<Promise<unknown>>} */
const starting = new Set();
let closing = false;
const orphanGraceMs = 5_000;

/**
 * Starts a child that ends with this process, even when this process ends by SIGKILL.
 * @param {GuardedOptions & Omit<GuardSpec, 'stopSignal' | 'graceMs' | 'orphanGraceMs'> & Partial<GuardSpec>} options
 * @returns {Promise<Guarded>}
 */
export async function spawnGuarded(options) {
  if (closing) throw new Refusal(`${options.name} was not started: everything is being stopped.`);
  const start = startGuard(options);
  starting.add(start);
  try {
    return await start;
  } finally {
    starting.delete(start);
  }
}

/**
 * @param {Parameters<typeof spawnGuarded>[0]} options
 * @returns {Promise<Guarded>}
 */
async function startGuard({ name, logFile, env, ...given }) {
  const spec = { stopSignal: 'SIGTERM', graceMs: 20_000, orphanGraceMs, ...given };
  const output = openSync(logFile, 'a');
  const guard = spawn(process.execPath, [join(embeddedDir, 'guard.mjs'), JSON.stringify(spec)], {
    cwd: '/', detached: true, env: env ?? process.env, stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const { started, exited } = reportsOf(guard, name);
  const pid = await started;
  const guarded = toGuarded({ name, logFile, guard, pid, exited, throwAway: given.throwAway });
  running.add(guarded);
  void exited.then(() => running.delete(guarded));
  return guarded;
}

/**
 * @param {import('node:child_process').ChildProcess} guard
 * @param {string} name
 * @returns {{ started: Promise<number>, exited: Promise<Exit> }}
 */
function reportsOf(guard, name) {
  let pid = 0;
  /** @type {Promise<Exit>} */
  const exited = new Promise((resolve) => {
    guard.on('message', (/** @type {GuardReport} */ report) => report.kind === 'exited' && resolve({ code: report.code, signal: report.signal }));
    guard.once('close', () => {
      // Only a guard that was itself killed leaves its child running.
      if (pid && isAlive(pid)) process.kill(pid, 'SIGKILL');
      resolve({ code: null, signal: 'SIGKILL' });
    });
  });
  /** @type {Promise<number>} */
  const started = new Promise((resolve, reject) => {
    guard.on('message', (/** @type {GuardReport} */ report) => {
      if (report.kind === 'started') resolve((pid = report.pid));
      if (report.kind === 'failed') reject(new Refusal(`${name} could not be started: ${report.message}.`));
    });
    guard.once('error', reject);
    guard.once('close', () => reject(new Refusal(`${name} could not be started: its guard ended.`)));
  });
  return { started, exited };
}

/**
 * @param {{ name: string, logFile: string, guard: import('node:child_process').ChildProcess, pid: number, exited: Promise<Exit>, throwAway?: string }} parts
 * @returns {Guarded}
 */
function toGuarded({ name, logFile, guard, pid, exited, throwAway }) {
  let ended = false;
  let asked = false;
  void exited.then(() => (ended = true));
  /** @param {'stop' | 'kill'} order */
  const end = async (order) => {
    asked = true;
    // A guard that ends at this moment has closed the channel: its report is on the way.
    if (!ended && guard.connected) guard.send(order, () => undefined);
    await exited;
  };
  const stop = async () => {
    await end('stop');
    if (throwAway) removeDir(throwAway);
  };
  return { name, pid, logFile, exited, running: () => !ended, expected: () => asked, stop, kill: () => end('kill') };
}

/** Stops all guarded children of this process, the last started first; from then on none can be started. */
export async function stopAllGuarded() {
  closing = true;
  await Promise.allSettled(starting);
  for (const guarded of [...running].reverse()) await guarded.stop();
}

/** Ends all guarded children of this process at once. */
export async function killAllGuarded() {
  await Promise.all([...running].map((guarded) => guarded.kill()));
}
