// @ts-check
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './refusal.mjs';

/**
 * Whether a process with this id exists (a zombie that nobody has reaped does not count).
 * @param {number} pid
 */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  return statOf(pid)?.state !== 'Z';
}

/**
 * What Linux says about a process, null elsewhere or when it is gone.
 * @param {number} pid
 */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { name, state: fields[0], parent: Number(fields[1]), born: fields[19] };
  } catch {
    return null;
  }
}

/**
 * Tells a process from a later one with the same id; empty where the system does not say.
 * @param {number} pid
 */
export function birthOf(pid) {
  return statOf(pid)?.born ?? '';
}

/**
 * The processes that work in exactly this folder. Brokers and databases are started in their data folder and stay there,
 * so this finds what a killed runtime left behind, backends of a dead database server included. Linux only; elsewhere none.
 * @param {string} dir
 */
export function processesIn(dir) {
  let real;
  try {
    real = realpathSync(dir);
  } catch {
    return [];
  }
  return processIds().filter((pid) => pid !== process.pid && workingDirOf(pid) === real);
}

function processIds() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return [];
  }
}

/** @param {number} pid */
function workingDirOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/**
 * Stops whatever still works in a data folder, first kindly, then with SIGKILL. Call it only while holding the folder's lock.
 * @param {string} dir
 * @param {NodeJS.Signals} kindly
 */
export async function stopLeftoversIn(dir, kindly) {
  for (const [signal, waitMs] of /** @type {const} */ ([[kindly, 10_000], ['SIGKILL', 5_000]])) {
    for (const pid of processesIn(dir)) sendSignal(pid, signal);
    for (const until = Date.now() + waitMs; Date.now() < until; await sleep(100)) {
      if (processesIn(dir).length === 0) return;
    }
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/**
 * Calls back once when the npm that runs this script is gone, even by SIGKILL, which npm cannot pass on.
 * Does nothing for a script that was started without npm.
 * @param {() => void} callback
 */
export function whenNpmDies(callback) {
  if (!process.env.npm_lifecycle_event) return;
  const ancestors = [process.ppid];
  const parent = statOf(process.ppid);
  // npm starts scripts through a shell, which some systems keep in between.
  if (parent && /^(da|ba)?sh$/.test(parent.name)) ancestors.push(parent.parent);
  const timer = setInterval(() => {
    if (process.ppid === ancestors[0] && ancestors.every(isAlive)) return;
    clearInterval(timer);
    callback();
  }, 500);
  timer.unref();
}
