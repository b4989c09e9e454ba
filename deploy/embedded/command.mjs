// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { root } from './checkout.mjs';
import { Refusal } from './refusal.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let interrupted = false;

/**
 * Runs a command to its end and resolves to its exit code (1 when a signal ended it, 127 when it does not exist).
 * Its output goes to our stderr unless told otherwise: the stdout of a command of ours may be read by a program.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Promise<number>}
 */
export function runCommand(command, args, { env = process.env, cwd = root, stdio = ['ignore', 2, 2] } = {}) {
  return new Promise((resolve, reject) => {
    if (interrupted) throw new Refusal('Interrupted.');
    const child = spawn(command, args, { env, cwd, stdio });
    running.add(child);
    child.once('error', (error) => {
      running.delete(child);
      if ('code' in error && error.code === 'ENOENT') resolve(127);
      else reject(error);
    });
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
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

/**
 * Passes a signal on to the commands that run now; from then on none is started.
 * @param {NodeJS.Signals} signal
 */
export function signalCommands(signal) {
  interrupted = true;
  for (const child of running) child.kill(signal);
}
