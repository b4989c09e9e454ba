// @ts-check
// `node tools/with-services.mjs <command...>`: runs a command, one spec for example, beside a throw-away Kafka and PostgreSQL.
import { runCommand } from '../deploy/embedded/command.mjs';
import { ensureDependencies } from '../deploy/embedded/install.mjs';
import { startServices } from './services.mjs';
import { log, runTool } from './steps.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('Usage: node tools/with-services.mjs <command> [arguments]');
  process.exit(2);
}
await runTool(async () => {
  const { env } = await startServices(await ensureDependencies(log));
  return runCommand(command, args, { env, cwd: process.cwd(), stdio: 'inherit' });
});
