import { jest } from '@jest/globals';
import { type Type as NestType, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { topic, type Topic } from '@tidings/contracts';
import type { Admin } from 'kafkajs';
import Type from 'typebox';
import type { Publisher } from '../src/publisher.js';
import { KafkaBatchStrategy, type KafkaBatchOptions } from '../src/kafka-batch-strategy.js';
import { kafkaClient } from '../src/kafka-client.js';
import { KafkaPublisher } from '../src/kafka-publisher.js';
import { silent, type BusLog, type KafkaSettings } from '../src/kafka-settings.js';
import { outgoing } from '../src/publisher.js';
import { TopicAdmin } from '../src/topic-admin.js';

// A real broker, a real database, real rebalances: seconds each.
jest.setTimeout(240_000);

/** The topic that these documents speak of: orders, in order per customer. */
export const orders = topic({
  name: 'orders',
  description: 'What customers ordered.',
  schema: Type.Object({ v: Type.Literal(1), customer: Type.String(), n: Type.Integer() }),
  key: ({ customer }) => customer,
});
/** What one customer ordered for the `n`-th time. */
export type Order = { v: 1; customer: string; n: number };

/** Orders 1 to `count` of as many customers as wanted. */
export const someOrders = (count: number, customers = 1): Order[] =>
  Array.from({ length: count }, (_, index) => ({ v: 1, customer: `customer-${index % customers}`, n: index + 1 }));

/** A running bus, as a service has it. */
export interface RunningBus {
  readonly strategy: KafkaBatchStrategy;
  readonly fatal: readonly Error[];
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Starts a Nest microservice of these controllers on the bus. */
export async function startBus(
  controllers: readonly NestType[],
  options: Pick<KafkaBatchOptions, 'kafka' | 'publisher'> &
    Partial<KafkaBatchOptions> & { readonly providers?: readonly Provider[]; readonly wait?: boolean },
): Promise<RunningBus> {
  @Module({ controllers: [...controllers], providers: [...(options.providers ?? [])] })
  class Documented {}

  const fatal: Error[] = [];
  const lines: string[] = [];
  const log: BusLog = (level, message) => lines.push(`${level} ${message}`);
  const strategy = new KafkaBatchStrategy({ log, onFatal: (error) => fatal.push(error), ...options });
  const app = await NestFactory.createMicroservice(Documented, { strategy, logger: false });
  const listening = app.listen();
  if (options.wait !== false) {
    await listening;
    await eventually(() => strategy.health().ready || fatal.length > 0);
  }
  let closing: Promise<void> | null = null;
  return { strategy, fatal, log: lines, close: () => (closing ??= app.close()) };
}

/** A connected publisher with the topics made. */
export async function startPublisher(
  kafka: KafkaSettings,
  topics: readonly Topic[],
  partitions = 1,
  deadlineMs = 30_000,
): Promise<KafkaPublisher> {
  await new TopicAdmin({ kafka }).ensure(topics, { partitions, replicationFactor: 1 });
  const publisher = new KafkaPublisher({ kafka, deadlineMs });
  await publisher.connect();
  return publisher;
}

/** Publishes orders. */
export const order = (publisher: Publisher, list: readonly Order[]): Promise<void> =>
  publisher.publish(list.map((one) => outgoing(orders, one)));

/** Waits for something that is true sooner or later; gives up after a minute, for machines that have much else to do. */
export async function eventually(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What only the client itself can do: look at groups, delete records. */
export async function asAdmin<T>(kafka: KafkaSettings, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaClient(kafka, silent).admin();
  await admin.connect();
  return work(admin).finally(() => admin.disconnect());
}
