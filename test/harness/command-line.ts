import { spawn } from 'node:child_process';
import type { Installation } from './installation.js';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line against an installation's API paths of one process. */
export function tidings(installation: Installation, args: readonly string[]): Promise<CommandResult> {
  const url = installation.urlOf('/api/v1/definitions').replace('/api/v1/definitions', '');
  const child = spawn(process.execPath, ['dist/apps/cli/main.js', ...args], {
    env: { PATH: process.env['PATH'], TIDINGS_URL: url, TIDINGS_KEY: installation.secretKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
