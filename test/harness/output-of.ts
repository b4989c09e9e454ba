import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from './guard.js';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in the environment of this process unless another is given. */
export async function outputOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<CommandResult> {
  const { runCommand } = await guard();
  const folder = mkdtempSync(join(tmpdir(), 'tidings-output-'));
  const files = ['stdout', 'stderr'].map((name) => join(folder, name));
  const streams = files.map((file) => openSync(file, 'w'));
  try {
    const code = await runCommand(command, args, { env, stdio: ['ignore', ...streams] });
    const [stdout = '', stderr = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { code, stdout, stderr };
  } finally {
    for (const stream of streams) closeSync(stream);
    rmSync(folder, { recursive: true, force: true });
  }
}
