// @ts-check
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTail } from './log-tail.mjs';
import { Refusal } from './refusal.mjs';

/** The end of every sentence about state that cannot be used. */
export const beginAnew = 'move it away to keep it, or begin anew with `npm start -- --fresh`';

/**
 * A folder that nobody uses yet, for data that need not outlive the command.
 * @param {string} name
 */
export function throwAwayDir(name) {
  return mkdtempSync(join(realpathSync(tmpdir()), `tidings-${name}-`));
}

/**
 * Removes a folder and all that is in it; nothing when there is none.
 * @param {string} dir
 */
export function removeDir(dir) {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Whether a server's data folder is there. Refuses when something else is in its place.
 * @param {string} dir
 * @param {string} marker the file that every such folder contains
 */
export function hasData(dir, marker) {
  if (!existsSync(dir)) return false;
  if (!statSync(dir).isDirectory()) throw new Refusal(`${dir} is not a folder: ${beginAnew}.`);
  if (existsSync(join(dir, marker))) return true;
  if (readdirSync(dir).length === 0) return false;
  throw new Refusal(`${dir} holds something else than its data (there is no ${marker} in it): ${beginAnew}.`);
}

/**
 * Why a server ended before it was ready, with the end of its log.
 * @param {{ name: string, logFile: string, keptData: boolean }} server
 */
export function endedEarly({ name, logFile, keptData }) {
  const tail = readTail(logFile);
  if (/No space left on device/i.test(tail)) return new Refusal(`${name} could not start because the disk is full: free some space and start again.`);
  const advice = keptData ? ` If its data in ${join(logFile, '..')} is damaged, ${beginAnew}.` : '';
  return new Refusal(`${name} ended before it was ready; the end of ${logFile}:\n${tail}\n${name} could not start.${advice}`);
}
