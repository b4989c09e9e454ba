// @ts-check
// `npm run bench -- <name>`: one benchmark of test/bench, on a Kafka and a PostgreSQL with their usual durability.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../deploy/embedded/checkout.mjs';
import { runCommand } from '../deploy/embedded/command.mjs';
import { toolEnv } from '../deploy/embedded/install.mjs';
import { prepare, startServices } from './services.mjs';
import { runTool } from './steps.mjs';

const dir = join(root, 'test', 'bench');
const ending = /\.bench\.ts$/;
const files = existsSync(dir)
  ? readdirSync(dir)
      .filter((name) => ending.test(name))
      .sort()
  : [];

const [name, ...args] = process.argv.slice(2);
const file = files.find((candidate) => candidate.replace(ending, '') === name);
if (!file) {
  console.error(
    `Usage: npm run bench -- <name>\nBenchmarks: ${files.map((each) => each.replace(ending, '')).join(' ') || 'none'}`,
  );
  process.exit(2);
}
await runTool(async () => {
  const node = await prepare();
  const rolldown = join(root, 'node_modules', '.bin', 'rolldown');
  const built = await runCommand(node, [rolldown, '-c', 'test/bench/rolldown.config.mjs'], { env: toolEnv(node) });
  if (built !== 0) return built;
  const { env } = await startServices(node, { durable: true });
  return runCommand(node, ['--enable-source-maps', join(root, 'dist', 'bench', `${name}.bench.js`), ...args], {
    env,
    stdio: 'inherit',
  });
});
