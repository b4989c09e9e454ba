import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Inject, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Consumes, KafkaBatchStrategy, KafkaPublisher, PositionStore, type Batch } from '@tidings/bus';
import { Database, PostgresModule } from '@tidings/postgres';
import { answers } from '../rig/child.js';
import { brokers } from '../rig/kafka.js';
import { benchMessages, type BenchMessage } from '../rig/messages.js';
import { Tally, type Consumed, type ConsumeOrder } from '../rig/tally.js';

/** Each person's messages one after another, people beside each other: what dispatchers do with a batch. */
async function handle(
  messages: readonly { readonly value: BenchMessage }[],
  delayMs: number,
  tally: Tally,
): Promise<void> {
  if (delayMs === 0) {
    for (const { value } of messages) tally.see(value);
    return;
  }
  const people = Map.groupBy(messages, ({ value }) => value.person);
  const work = async (own: readonly { readonly value: BenchMessage }[]): Promise<void> => {
    for (const { value } of own) {
      await sleep(delayMs);
      tally.see(value);
    }
  };
  await Promise.all([...people.values()].map(work));
}

/** Keeps its position in Postgres, with the work. */
function stored({ group, delayMs }: ConsumeOrder, tally: Tally): Type {
  @Controller()
  class Stored {
    constructor(@Inject(Database) private readonly database: Database) {}

    @Consumes(benchMessages, { group, schema: 'bench' })
    async handle({ messages, positions }: Batch<BenchMessage>): Promise<void> {
      await this.database.transact({ workspaces: ['demo'], positions }, () => handle(messages, delayMs, tally));
    }
  }
  return Stored;
}

/** Has no database: the bus commits to Kafka. */
function committed({ group, delayMs }: ConsumeOrder, tally: Tally): Type {
  @Controller()
  class Committed {
    @Consumes(benchMessages, { group, schema: 'none', positions: 'committed' })
    async handle({ messages }: Batch<BenchMessage>): Promise<void> {
      await handle(messages, delayMs, tally);
    }
  }
  return Committed;
}

@Module({})
class BenchModule {}

function moduleOf(order: ConsumeOrder, tally: Tally): DynamicModule {
  if (order.positions === 'committed') return { module: BenchModule, controllers: [committed(order, tally)] };
  return {
    module: BenchModule,
    imports: [PostgresModule.forRoot({ url: order.databaseUrl })],
    controllers: [stored(order, tally)],
  };
}

async function consume(order: ConsumeOrder): Promise<Consumed> {
  const tally = new Tally(order);
  const kafka = { brokers: brokers(), ssl: false, sasl: null, topicPrefix: order.prefix, clientId: order.group };
  const app = await NestFactory.create(moduleOf(order, tally), new FastifyAdapter(), { logger: ['error'] });
  const positions = order.positions === 'stored' ? { positions: app.get(PositionStore) } : {};
  const strategy = new KafkaBatchStrategy({
    kafka,
    publisher: new KafkaPublisher({ kafka }),
    onFatal: fail,
    ...positions,
  });
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  const result = await tally.done;
  await app.close();
  return result;
}

function fail(error: Error): never {
  process.stderr.write(`the bus cannot go on: ${error.stack}\n`);
  process.exit(1);
}

answers({ consume });
