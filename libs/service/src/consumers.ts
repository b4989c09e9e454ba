import type { INestApplication } from '@nestjs/common';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { KafkaBatchStrategy, PositionStore, type BusHealth } from '@tidings/bus';
import type { Boot } from './boot.js';
import { busLog } from './bus-log.js';
import { die } from './exit.js';
import { kafkaSettings } from './kafka-settings.js';
import type { Platform } from './platform.module.js';

/** Nest closes a microservice again when the application closes, long after we did, in our order. */
class Consumers extends KafkaBatchStrategy {
  private closed: Promise<void> | null = null;

  override close(): Promise<void> {
    this.closed ??= super.close();
    return this.closed;
  }
}

/** Starts what the app consumes and what its clocks do, and has both watched. */
export async function startConsumers(
  boot: Boot,
  app: INestApplication,
  { publisher, dataSource }: Platform,
): Promise<void> {
  const { service, leaving, health, pollers } = boot;
  const strategy = new Consumers({
    kafka: kafkaSettings(service.config, service.name),
    publisher,
    log: busLog,
    onFatal: (error) => die(error.message, error),
    oneBatchAtATime: service.inBackground ?? false,
    ...(dataSource === null ? {} : { positions: app.get(PositionStore) }),
  });
  health.checkLive('consumers', () => named(strategy.health(), 'live', 'has not gone round for a minute'));
  health.checkReady('consumers', () => named(strategy.health(), 'ready', 'has not been given its partitions yet'));
  health.checkLive('pollers', () => pollers.stuck());
  leaving.add('consumers', () => strategy.close());
  leaving.add('pollers', () => pollers.stop());
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  await app.startAllMicroservices();
  pollers.start();
}

const minuteMs = 60_000;

/** The consumers that are not well, in a sentence; null when all are. */
function named({ consumers }: BusHealth, well: 'live' | 'ready', sentence: string): string | null {
  const ill = consumers.filter(({ ready, lastTickAt }) =>
    well === 'ready' ? !ready : lastTickAt !== null && Date.now() - lastTickAt.getTime() > minuteMs,
  );
  const names = ill.map(({ group, topics }) => `${group} of ${topics.join(', ')}`);
  return names.length === 0 ? null : `the consumer ${names.join('; ')} ${sentence}`;
}
