// @ts-check
import { totalmem } from 'node:os';
import { ensureBuilt } from '../deploy/embedded/build.mjs';
import { ensureDependencies, toolEnv } from '../deploy/embedded/install.mjs';
import { startKafka } from '../deploy/embedded/kafka.mjs';
import { startPostgres } from '../deploy/embedded/postgres.mjs';
import { log } from './steps.mjs';

/** What `k8s/examples/cloudnative-pg.yaml` sets, as far as this machine has the memory: of that no more than a quarter. */
const recommended = [`shared_buffers=${Math.min(2048, Math.floor(totalmem() / 2 ** 20 / 4))}MB`, 'max_wal_size=8GB'];

/**
 * The environment of a command that needs real servers: a throw-away Kafka and PostgreSQL, or those that
 * `TEST_KAFKA_BROKERS` and `TEST_DATABASE_URL` already name. They stop with `runTool`.
 * @param {string} node
 * @param {{ durable?: boolean }} [options] durable: the database keeps its promises at their usual price, as a benchmark must have it
 * @returns {Promise<{ env: NodeJS.ProcessEnv, stop: () => Promise<void> }>}
 */
export async function startServices(node, { durable = false } = {}) {
  const given = process.env;
  const [kafka, postgres] = await Promise.all([
    given.TEST_KAFKA_BROKERS ? null : startKafka({ log }),
    given.TEST_DATABASE_URL ? null : startPostgres({ durable, ephemeral: true, log, settings: durable ? recommended : [] }),
  ]);
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...toolEnv(node),
    TEST_KAFKA_BROKERS: kafka?.brokers ?? given.TEST_KAFKA_BROKERS,
    TEST_DATABASE_URL: postgres?.url() ?? given.TEST_DATABASE_URL,
    ...(kafka ? { KAFKA_LIBS: kafka.libs } : {}),
  };
  return { env, stop: async () => void (await Promise.all([kafka?.stop(), postgres?.stop()])) };
}

/**
 * Installs and builds what a command needs that runs the built apps, and resolves to its Node.
 * @returns {Promise<string>}
 */
export async function prepare() {
  const node = await ensureDependencies(log);
  await ensureBuilt(node, log);
  return node;
}
