// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './checkout.mjs';
import { runCommand } from './command.mjs';
import { toolEnv } from './install.mjs';
import { Refusal } from './refusal.mjs';

const stampFile = join(root, 'dist', '.built-from');
const settings = ['package.json', 'package-lock.json', 'rolldown.config.mjs', 'tsconfig.json'];
const skipped = new Set(['node_modules', 'dist', 'test-results.json']);

/**
 * Builds the apps into `dist/`, unless nothing that they are built from has changed since the last build.
 * @param {string} node
 * @param {(line: string) => void} log
 */
export async function ensureBuilt(node, log) {
  const hash = hashOfSources();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return;
  log('building');
  const code = await runCommand(node, [join(root, 'node_modules', '.bin', 'rolldown'), '-c', 'rolldown.config.mjs'], { env: toolEnv(node) });
  if (code !== 0) throw new Refusal('The build failed: see its message above.');
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampFile, hash);
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const file of [...settings.map((name) => join(root, name)), ...filesUnder(join(root, 'apps')), ...filesUnder(join(root, 'libs'))]) {
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} dir
 * @returns {string[]}
 */
function filesUnder(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name) && !/\.(spec\.ts|md)$/.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(dir, entry.name)) : entry.isFile() ? [join(dir, entry.name)] : []));
}
