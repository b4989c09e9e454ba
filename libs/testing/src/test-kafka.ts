import { randomUUID } from 'node:crypto';
import type { KafkaSettings } from '@tidings/bus';
import { serviceAddress } from './services.js';

/** A corner of the test broker that nobody else uses. */
export interface TestKafka {
  readonly brokers: readonly string[];
  /** What topics and groups of this test begin with. */
  readonly prefix: string;
  /** The same as the settings of a bus. */
  readonly settings: KafkaSettings;
}

/** The broker that the test run was given, with a prefix of its own for each call; says how to get one when there is none. */
export function testKafka(): TestKafka {
  const list = serviceAddress('TEST_KAFKA_BROKERS').split(',');
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  return {
    brokers: list,
    prefix,
    settings: { brokers: list, ssl: false, sasl: null, topicPrefix: prefix, clientId: 'test' },
  };
}

type Embedded = typeof import('../../../deploy/embedded/kafka.mjs');

/** A broker of the test's own, which it may stop, kill and start again without harm to others; give it a folder to find its data again. */
export async function ownKafka(options: Parameters<Embedded['startKafka']>[0]): ReturnType<Embedded['startKafka']> {
  const embedded = new URL('../../../deploy/embedded/kafka.mjs', import.meta.url).href;
  const { startKafka } = (await import(embedded)) as Embedded;
  return startKafka(options);
}
