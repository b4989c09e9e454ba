import { InfrastructureError, KafkaBacklog, KafkaPublisher } from '@tidings/bus';
import { Database } from '@tidings/postgres';
import type { DataSource } from 'typeorm';
import { Backlogs } from './backlogs.js';
import type { Boot } from './boot.js';
import { busLog } from './bus-log.js';
import { Catalog } from './catalog.js';
import { followDefinitions } from './catalog-feed.js';
import { die } from './exit.js';
import { kafkaSettings } from './kafka-settings.js';
import { migrateService } from './migrate-service.js';
import { maintainHourly, openDatabase } from './open-database.js';
import { patiently } from './patiently.js';
import type { Platform } from './platform.module.js';

const silentMs = 60_000;

/** Brings up what an app stands on: migrations where wanted, Postgres, the publisher, the definitions. */
export async function openPlatform(boot: Boot): Promise<Platform> {
  if (boot.service.config.MIGRATE_ON_START === true) await migrateService(boot.service, boot.shutdown.signal);
  const dataSource = await openTables(boot);
  const publisher = await openPublisher(boot);
  const catalog = await openCatalog(boot);
  return { catalog, publisher, dataSource, backlogs: openBacklogs(boot), pollers: boot.pollers, shutdown: boot.shutdown };
}

function openBacklogs({ service, leaving, pollers }: Boot): Backlogs {
  const backlogs = new Backlogs((hops) => new KafkaBacklog(kafkaSettings(service.config, service.name), hops, busLog), pollers);
  leaving.add('backlogs', () => backlogs.close());
  return backlogs;
}

async function openTables({ service, shutdown, leaving, readiness, pollers }: Boot): Promise<DataSource | null> {
  if (service.schemas.length === 0) {
    readiness.reach('migrated');
    return null;
  }
  const dataSource = await openDatabase(service, shutdown.signal);
  // Until the application is there, which closes it otherwise.
  leaving.add('application', () => dataSource.destroy());
  maintainHourly(service, new Database(dataSource), pollers);
  readiness.reach('migrated');
  return dataSource;
}

async function openPublisher({ service, shutdown, leaving, health, pollers }: Boot): Promise<KafkaPublisher> {
  const publisher = new KafkaPublisher({ kafka: kafkaSettings(service.config, service.name), log: busLog });
  leaving.add('publisher', () => publisher.close());
  health.checkReady('publisher', () => (publisher.connected ? null : 'no Kafka broker answers'));
  const connect = () => publisher.connect().catch(asUnreachable);
  // A process that is not ready is asked for nothing and publishes nothing: without this it would not find out that Kafka is back.
  pollers.register('publisher', 1000, () => (publisher.connected ? Promise.resolve() : connect()));
  await patiently('Kafka', shutdown.signal, connect);
  return publisher;
}

/** Whatever keeps the first connection from being made may pass: brokers start, addresses and passwords get known. */
function asUnreachable(cause: unknown): never {
  throw new InfrastructureError(cause instanceof Error ? cause.message : 'Kafka cannot be reached', { cause });
}

async function openCatalog({ service, leaving, health, readiness }: Boot): Promise<Catalog> {
  const catalog = new Catalog();
  const kafka = kafkaSettings(service.config, service.name);
  const feed = await followDefinitions(catalog, kafka, (error) =>
    die('the definitions cannot be followed any more', error),
  );
  leaving.add('catalog', () => feed.stop());
  health.checkLive('catalog', () => {
    const silent = feed.lastTickAt !== null && Date.now() - feed.lastTickAt.getTime() > silentMs;
    return silent ? 'the reader of definitions has not gone round for a minute' : null;
  });
  readiness.reach('catalog');
  return catalog;
}
