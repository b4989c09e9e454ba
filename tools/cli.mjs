// @ts-check
// `npm run tidings -- <command>`: the CLI from the checkout. Says nothing of its own on stdout, and nothing at all unless it has work to do.
import { join } from 'node:path';
import { root } from '../deploy/embedded/checkout.mjs';
import { runCommand } from '../deploy/embedded/command.mjs';
import { toolEnv } from '../deploy/embedded/install.mjs';
import { prepare } from './services.mjs';
import { runTool } from './steps.mjs';

await runTool(async () => {
  const node = await prepare();
  const args = [join(root, 'dist', 'apps', 'cli', 'main.js'), ...process.argv.slice(2)];
  // npm runs its scripts in the checkout; paths on the command line are meant from where the person stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return runCommand(node, args, { env: toolEnv(node), cwd, stdio: 'inherit' });
});
