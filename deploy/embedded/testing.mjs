// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedDir } from './checkout.mjs';

/**
 * A folder that is removed when the test ends.
 * @param {import('node:test').TestContext} t
 */
export function temporaryFolder(t) {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tidings-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return dir;
}

/**
 * Waits until something holds, and fails with its description when it does not in time.
 * @param {string} what
 * @param {() => boolean} holds
 * @param {number} [withinMs]
 */
export async function until(what, holds, withinMs = 30_000) {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) if (holds()) return;
  throw new Error(`not within ${withinMs} ms: ${what}`);
}

/**
 * Runs a piece of a module beside the embedded runtime's files in a process of its own, as a parent that can be killed.
 * @param {import('node:test').TestContext} t
 * @param {string} source its imports are relative to deploy/embedded
 * @param {NodeJS.ProcessEnv} [env]
 */
export function runSource(t, source, env = {}) {
  const { KAFKA_BROKERS: _brokers, DATABASE_URL: _database, npm_lifecycle_event: _npm, NODE_TEST_CONTEXT: _context, ...own } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: embeddedDir, env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  /** @type {Promise<number | NodeJS.Signals | null>} */
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  t.after(() => child.kill('SIGKILL'));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    kill: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal),
    /** @param {string} message what the source hears by `process.on('message')` */
    send: (message) => void child.send(message),
    /** @param {string} text */
    says: (text) => until(`"${text}" in\n${output}`, () => output.includes(text) || child.exitCode !== null, 120_000),
  };
}

/**
 * Everything that a process has started, directly or not, and that still runs beneath it.
 * @param {number} pid
 * @returns {number[]}
 */
export function descendantsOf(pid) {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  /** @type {(parent: number) => number[]} */
  const below = (parent) => rows.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}
