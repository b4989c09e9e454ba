// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedDir } from './checkout.mjs';
import { removeDir } from './data-folder.mjs';
import { isAlive } from './processes.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {import('./guarded.d.mts').Exit} Exit */
/** @typedef {import('./guarded.d.mts').Guarded} Guarded */
/** @typedef {import('./guarded.d.mts').GuardReport} GuardReport */
/** @typedef {Parameters<typeof import('./guarded.d.mts').runGuarded>[0]} GuardedOptions */

/** @type {Set<Guarded>} */
const running = new Set();
/** @type {Set<Promise<unknown>>} */
const starting = new Set();
let closing = false;
const usual = /** @type {const} */ ({ stopSignal: 'SIGTERM', graceMs: 20_000, orphanGraceMs: 1_500 });

/**
 * @param {Parameters<typeof import('./guarded.d.mts').spawnGuarded>[0]} options
 * @returns {Promise<import('./guarded.d.mts').LoggedChild>}
 */
export async function spawnGuarded({ logFile, ...options }) {
  const output = openSync(logFile, 'a');
  try {
    return { ...(await runGuarded({ ...options, stdio: ['ignore', output, output] })), logFile };
  } finally {
    closeSync(output);
  }
}

/**
 * @param {GuardedOptions} options
 * @returns {Promise<Guarded>}
 */
export async function runGuarded(options) {
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
 * @param {GuardedOptions} options
 * @returns {Promise<Guarded>}
 */
async function startGuard({ name, stdio, env = process.env, ...given }) {
  // What Node is told by its environment is meant for the child.
  const { NODE_OPTIONS: _options, ...own } = process.env;
  const guard = spawn(process.execPath, [join(embeddedDir, 'guard.mjs')], { cwd: '/', detached: true, env: own, stdio: [...stdio, 'ipc'] });
  const { started, exited } = reportsOf(guard, name);
  guard.send({ ...usual, ...given, env }, () => undefined);
  const pid = await started;
  const guarded = toGuarded({ name, guard, pid, exited, throwAway: given.throwAway });
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
    /** @type {Exit | null} */
    let exit = null;
    guard.on('message', (/** @type {GuardReport} */ report) => {
      if (report.kind === 'exited') exit = { code: report.code, signal: report.signal };
    });
    guard.once('close', () => {
      // Only a guard that was itself killed leaves its child running.
      if (!exit && pid && isAlive(pid)) process.kill(-pid, 'SIGKILL');
      resolve(exit ?? { code: null, signal: 'SIGKILL' });
    });
  });
  /** @type {Promise<number>} */
  const started = new Promise((resolve, reject) => {
    guard.on('message', (/** @type {GuardReport} */ report) => {
      if (report.kind === 'started') resolve((pid = report.pid));
      if (report.kind === 'failed') reject(Object.assign(new Refusal(`${name} could not be started: ${report.message}.`), { code: report.code }));
    });
    guard.once('error', reject);
    guard.once('close', () => reject(new Refusal(`${name} could not be started: its guard ended.`)));
  });
  return { started, exited };
}

/**
 * @param {{ name: string, guard: import('node:child_process').ChildProcess, pid: number, exited: Promise<Exit>, throwAway?: string | undefined }} parts
 * @returns {Guarded}
 */
function toGuarded({ name, guard, pid, exited, throwAway }) {
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
  return { name, pid, exited, running: () => !ended, expected: () => asked, stop, kill: () => end('kill') };
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
