// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, embeddedDir } from './checkout.mjs';
import { runCommand } from './command.mjs';
import { removeDir } from './data-folder.mjs';
import { ensureJava } from './install.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {{ java: string, libs: string }} KafkaInstallation the Java that runs the broker, and the folder of its jars */

const pomFile = join(embeddedDir, 'pom.xml');

/**
 * Makes sure that Java and the broker's jars are on this machine, and says where. The jars are downloaded once into the cache
 * folder; an interrupted download is never taken for a finished one.
 * @param {(line: string) => void} log
 * @returns {Promise<KafkaInstallation>}
 */
export async function ensureKafka(log) {
  const pom = readFileSync(pomFile, 'utf8');
  const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(pom)?.[1];
  const dir = join(cacheDir, `kafka-${version}`);
  const stampFile = join(dir, 'complete');
  const stamp = createHash('sha256').update(pom).digest('hex');
  const complete = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;

  const java = await ensureJava(log, { maven: !complete() });
  if (!complete()) await download(dir, stamp, log);
  return { java, libs: join(dir, 'libs') };
}

/**
 * @param {string} dir
 * @param {string} stamp
 * @param {(line: string) => void} log
 */
async function download(dir, stamp, log) {
  log('downloading Kafka (55 MB, once)');
  // Filled beside its place and moved there when whole; another process may do the same at this moment.
  const partial = `${dir}.${process.pid}`;
  removeDir(partial);
  mkdirSync(partial, { recursive: true });
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(partial, 'libs')}`, '-DincludeScope=runtime'];
  const code = await runCommand('mvn', ['-q', '-B', '--color=never', '-f', pomFile, ...goal]);
  if (code !== 0) {
    removeDir(partial);
    throw new Refusal(`Kafka could not be downloaded (Maven's exit code ${code}, see its message above): check the network, or set KAFKA_BROKERS to a broker that you have.`);
  }
  writeFileSync(join(partial, 'complete'), stamp);
  removeDir(dir);
  renameSync(partial, dir);
}
