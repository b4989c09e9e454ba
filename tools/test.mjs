// @ts-check
// `npm test`: everything that must hold, on a real Kafka and a real PostgreSQL, with nothing but Node 20 to begin with.
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../deploy/embedded/build.mjs';
import { embeddedDir, root } from '../deploy/embedded/checkout.mjs';
import { runCommand } from '../deploy/embedded/command.mjs';
import { removeDir } from '../deploy/embedded/data-folder.mjs';
import { ensureDependencies, toolEnv } from '../deploy/embedded/install.mjs';
import { ensureKafka } from '../deploy/embedded/kafka-jars.mjs';
import { Refusal } from '../deploy/embedded/refusal.mjs';
import { checkLock } from './check-lock.mjs';
import { runJest } from './jest.mjs';
import { countResults, countTap, forgetResults, none, plus, projectsWithoutResults, sumLine } from './results.mjs';
import { startServices } from './services.mjs';
import { log, runTool, step } from './steps.mjs';

const parts = /** @type {const} */ (['lint', 'types', 'boundaries', 'manifests', 'embedded', 'unit', 'e2e', 'crash']);
/** @typedef {typeof parts[number]} Part */
/** @typedef {{ node: string, wanted: (part: Part) => boolean, failed: string[], count: import('./results.mjs').Count }} TestRun */

/**
 * @param {string[]} args
 * @returns {Part | null} the only part to run; null for all
 */
function onlyPart(args) {
  if (args.length === 0) return null;
  const part = parts.find((name) => name === args[1]);
  if (args[0] === '--only' && args.length === 2 && part) return part;
  console.error(`Usage: npm test [-- --only ${parts.join('|')}]`);
  return process.exit(2);
}

async function main() {
  const only = onlyPart(process.argv.slice(2));
  const node = await ensureDependencies(log);
  /** @type {TestRun} */
  const run = { node, wanted: (part) => only === null || only === part, failed: [], count: none };
  forgetResults();
  await checkSources(run);
  await checkConfiguration(run);
  if (run.wanted('unit') || run.wanted('e2e') || run.wanted('crash') || run.wanted('embedded')) await checkBehaviour(run);
  return conclude(run, only === 'lint' || only === 'types');
}

/** @param {TestRun} run */
async function checkSources(run) {
  const env = toolEnv(run.node);
  if (run.wanted('lint')) {
    const cache = ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/eslint/'];
    await runStep(run, 'lint', async () => (await runCommand('eslint', ['.', '--max-warnings=0', ...cache], { env })) === 0);
    await runStep(run, 'lock file', async () => checkLock());
  }
  if (run.wanted('types')) await runStep(run, 'types', async () => (await runCommand('npm', ['run', '--silent', 'typecheck'], { env })) === 0);
}

/**
 * That the linter forbids what it should, and that what is deployed fits the code: neither needs a server or a build.
 * @param {TestRun} run
 */
async function checkConfiguration(run) {
  for (const suite of /** @type {const} */ (['boundaries', 'manifests'])) {
    if (run.wanted(suite)) await runStep(run, suite, () => runJest(run.node, `test/${suite}`, toolEnv(run.node)));
  }
}

/** @param {TestRun} run */
async function checkBehaviour(run) {
  if (process.env.TEST_KAFKA_BROKERS) {
    log('embedded left out: TEST_KAFKA_BROKERS names a broker to be used instead');
  } else {
    await ensureKafka(log);
    if (run.wanted('embedded')) await runStep(run, 'embedded', () => testEmbedded(run));
  }
  if (!run.wanted('unit') && !run.wanted('e2e') && !run.wanted('crash')) return;
  const built = await runStep(run, 'build', () => build(run.node));
  const { env, stop } = await startServices(run.node);
  if (run.wanted('unit')) await runStep(run, 'unit', () => testProjects(env));
  for (const suite of /** @type {const} */ (['e2e', 'crash'])) {
    // The suites run the built apps.
    if (run.wanted(suite) && built && existsSync(join(root, 'test', suite))) await runStep(run, suite, () => runJest(run.node, `test/${suite}`, env));
  }
  await stop();
}

/**
 * @param {TestRun} run
 * @param {string} name
 * @param {() => Promise<boolean>} work
 */
async function runStep(run, name, work) {
  const ok = await step(name, work);
  if (!ok) run.failed.push(name);
  return ok;
}

/** @param {string} node */
async function build(node) {
  try {
    await ensureBuilt(node, log);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * The embedded runtime's and the tools' own tests, by Node's test runner: they must not need what they install.
 * @param {TestRun} run
 */
async function testEmbedded(run) {
  const files = [embeddedDir, join(root, 'tools')].flatMap((dir) => readdirSync(dir).filter((name) => name.endsWith('.test.mjs')).map((name) => join(dir, name)));
  const reports = mkdtempSync(join(tmpdir(), 'tidings-report-'));
  const tap = join(reports, 'report.tap');
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stderr', '--test-reporter=tap', `--test-reporter-destination=${tap}`];
  const code = await runCommand(run.node, ['--test', '--test-concurrency=1', ...reporters, ...files], { env: toolEnv(run.node) });
  run.count = plus(run.count, countTap(readFileSync(tap, 'utf8')));
  removeDir(reports);
  return code === 0;
}

/** @param {NodeJS.ProcessEnv} env */
async function testProjects(env) {
  const code = await runCommand('nx', ['run-many', '-t', 'test', '--output-style=static', '--parallel=2'], { env: { ...env, NX_DAEMON: 'false' } });
  const untested = projectsWithoutResults();
  if (untested.length > 0) log(`no results of the specs in ${untested.join(', ')}: does its package.json have the target "test"?`);
  return code === 0 && untested.length === 0;
}

/**
 * @param {TestRun} run
 * @param {boolean} mayBeEmpty
 */
function conclude(run, mayBeEmpty) {
  const count = plus(run.count, countResults());
  if (run.failed.length > 0) log(`failed: ${run.failed.join(', ')}`);
  if (count.passed === 0 && !mayBeEmpty) log('failed: not one test passed');
  if (!mayBeEmpty) console.log(sumLine(count));
  return run.failed.length > 0 || count.failed > 0 || (count.passed === 0 && !mayBeEmpty) ? 1 : 0;
}

await runTool(main);
