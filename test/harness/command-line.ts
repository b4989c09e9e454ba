import type { Installation } from './installation.js';
import { outputOf, type CommandResult } from './output-of.js';

/** Runs the built command line against an installation's API paths of one process, or those that an address before it knows. */
export function tidings(installation: Installation, args: readonly string[], front?: string): Promise<CommandResult> {
  const url = front ?? installation.urlOf('/api/v1/definitions').replace('/api/v1/definitions', '');
  const env = { PATH: process.env['PATH'], TIDINGS_URL: url, TIDINGS_KEY: installation.secretKey };
  return outputOf(process.execPath, ['dist/apps/cli/main.js', ...args], env);
}
