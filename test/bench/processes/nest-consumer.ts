import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { answers } from '../rig/child.js';
import { brokers } from '../rig/kafka.js';
import { benchMessages, type BenchMessage } from '../rig/messages.js';
import { Tally, type Consumed, type ConsumeOrder } from '../rig/tally.js';

/** What Nest's own documentation makes of the same handler. */
function controllerOf({ prefix, delayMs }: ConsumeOrder, tally: Tally): Type {
  @Controller()
  class Each {
    @EventPattern<string>(prefix + benchMessages.name)
    async handle(@Payload() message: BenchMessage): Promise<void> {
      if (delayMs > 0) await sleep(delayMs);
      tally.see(message);
    }
  }
  return Each;
}

@Module({})
class BenchModule {}

async function consume(order: ConsumeOrder): Promise<Consumed> {
  const tally = new Tally(order);
  const module = { module: BenchModule, controllers: [controllerOf(order, tally)] };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    logger: false,
    transport: Transport.KAFKA,
    options: {
      client: { clientId: 'nest', brokers: brokers() },
      consumer: { groupId: order.group, allowAutoTopicCreation: false },
      run: { partitionsConsumedConcurrently: order.concurrency },
      subscribe: { fromBeginning: true },
    },
  });
  await app.listen();
  const result = await tally.done;
  await app.close();
  return result;
}

answers({ consume });
