import { TopicAdmin } from '@tidings/bus';
import { allTopics } from '@tidings/contracts';
import { migrate } from '@tidings/postgres';
import { busLog } from './bus-log.js';
import { kafkaSettings } from './kafka-settings.js';
import { logger } from './log.js';
import { patiently } from './patiently.js';
import type { Service } from './service.js';

const log = logger('migrate');

/** Creates missing topics and brings the service's schemas to what this release needs; waits for Kafka and Postgres. */
export async function migrateService({ name, schemas, config }: Service, signal: AbortSignal): Promise<void> {
  const admin = new TopicAdmin({ kafka: kafkaSettings(config, name), log: busLog });
  const shape = { partitions: config.KAFKA_PARTITIONS, replicationFactor: config.KAFKA_REPLICATION_FACTOR };
  await patiently('Kafka', signal, () => admin.ensure(allTopics, shape));
  if (schemas.length === 0) return;
  const url = databaseUrl(config);
  await patiently('Postgres', signal, () => migrate(url, schemas, (message) => log.info(message)));
}

/** The database's address; a service with tables that was not given one cannot start. */
export function databaseUrl({ DATABASE_URL }: Service['config']): string {
  if (DATABASE_URL === undefined) throw new Error('a service with tables needs the settings postgresEnv in its config');
  return DATABASE_URL;
}
