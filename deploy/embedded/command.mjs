// @ts-check
import { spawnSync } from 'node:child_process';
import { root } from './checkout.mjs';
import { runGuarded } from './guarded.mjs';
import { hasCode, Refusal } from './refusal.mjs';

/** @type {Set<import('./guarded.d.mts').Guarded>} */
const running = new Set();
let interrupted = false;

/**
 * Runs a command to its end and resolves to its exit code (1 when a signal ended it, 127 when it does not exist). Nothing of it outlives
 * this process. Its output goes to our stderr unless told otherwise: the stdout of a command of ours may be read by a program.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('./command.d.mts').CommandOptions} [options]
 * @returns {Promise<number>}
 */
export async function runCommand(command, args, { env, cwd = root, stdio = ['ignore', 2, 2] } = {}) {
  if (interrupted) throw new Refusal('Interrupted.');
  try {
    const child = await runGuarded({ name: command, command, args, env, cwd, stdio: stdio === 'inherit' ? [stdio, stdio, stdio] : stdio });
    running.add(child);
    if (interrupted) void child.stop();
    const { code } = await child.exited;
    running.delete(child);
    return code ?? 1;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 127;
    throw error;
  }
}

/**
 * What a short command prints on stdout and stderr together, null when it is missing or fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function outputOf(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout + stderr : null;
}

/** Asks the commands that run now to end; from then on none is started. */
export function stopCommands() {
  interrupted = true;
  for (const child of running) void child.stop();
}
