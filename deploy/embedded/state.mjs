// @ts-check
import { accessSync, constants, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginAnew, removeDir } from './data-folder.mjs';
import { birthOf, isAlive, stopLeftoversIn } from './processes.mjs';
import { Refusal, hasCode } from './refusal.mjs';

/** @typedef {{ pid: number, born: string, stopping: boolean }} Holder the process that holds the state folder */

const leastFreeMb = 500;
const kept = new Set(['cache', 'lock']);

/**
 * Takes the state folder for this process alone, empties it first when asked (downloads stay), and refuses a folder or a disk that
 * cannot be used. A lock left by a killed process counts for nothing; one that is just stopping is waited for.
 * @param {string} dir
 * @param {{ fresh: boolean }} options
 */
export async function takeState(dir, { fresh }) {
  if (fresh && existsSync(dir) && !statSync(dir).isDirectory()) rmSync(dir);
  makeFolder(dir);
  const lock = join(dir, 'lock');
  await takeLock(lock);
  try {
    if (fresh) await empty(dir);
    refuseFullDisk(dir);
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
  return {
    /** Tells the next start to wait for us rather than to refuse. */
    announceStop: () => writeHolder(lock, true, 'w'),
    release: () => rmSync(lock, { force: true }),
  };
}

/** @param {string} dir */
function makeFolder(dir) {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOTDIR')) throw new Refusal(`${dir} is not a folder: ${beginAnew}.`);
    if (hasCode(error, 'EACCES', 'EROFS', 'EPERM')) throw new Refusal(`${dir} cannot be written by this user: give it to the user who runs \`npm start\`.`);
    if (hasCode(error, 'ENOSPC')) throw diskFull(dir, 0);
    throw error;
  }
}

/** @param {string} lock */
async function takeLock(lock) {
  for (const until = Date.now() + 45_000; ; await sleep(200)) {
    if (writeHolder(lock, false, 'wx')) {
      await sleep(20);
      // Two starts that found the same dead lock may both have replaced it: the later one has it.
      if (readHolder(lock)?.pid === process.pid) return;
    }
    const holder = readHolder(lock);
    if (!holder || !holds(holder)) rmSync(lock, { recursive: true, force: true });
    else if (!holder.stopping || Date.now() > until) {
      throw new Refusal(`Tidings is already running from this checkout (process ${holder.pid}): stop it first, with Ctrl-C in its terminal or \`kill ${holder.pid}\`.`);
    }
  }
}

/** @param {Holder} holder */
function holds({ pid, born }) {
  return isAlive(pid) && birthOf(pid) === born;
}

/**
 * @param {string} lock
 * @param {boolean} stopping
 * @param {'wx' | 'w'} flag
 */
function writeHolder(lock, stopping, flag) {
  try {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, born: birthOf(process.pid), stopping }), { flag });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (hasCode(error, 'ENOSPC') && flag === 'wx') {
      unlinkSync(lock);
      throw diskFull(lock, 0);
    }
    if (hasCode(error, 'ENOSPC', 'ENOENT')) return false;
    throw error;
  }
}

/**
 * @param {string} lock
 * @returns {Holder | null}
 */
function readHolder(lock) {
  try {
    const { pid, born, stopping } = JSON.parse(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? { pid, born, stopping: stopping === true } : null;
  } catch {
    return null;
  }
}

/** @param {string} dir */
async function empty(dir) {
  // What a killed start may have left running would write into the new data.
  await stopLeftoversIn(join(dir, 'kafka'), 'SIGTERM');
  await stopLeftoversIn(join(dir, 'postgres', 'data'), 'SIGQUIT');
  for (const name of readdirSync(dir)) if (!kept.has(name)) removeDir(join(dir, name));
}

/** @param {string} dir */
function refuseFullDisk(dir) {
  const { bavail, bsize } = statfsSync(dir);
  const freeMb = Math.floor((Number(bavail) * Number(bsize)) / 2 ** 20);
  if (freeMb < leastFreeMb) throw diskFull(dir, freeMb);
}

/**
 * @param {string} path
 * @param {number} freeMb
 */
function diskFull(path, freeMb) {
  return new Refusal(`The disk of ${path} has ${freeMb} MB free and Tidings needs ${leastFreeMb} MB for its data: free some space and start again.`);
}
