import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { ownKafka } from '@tidings/testing';
import { type Batch, Consumes, type KafkaPublisher, type KafkaSettings, TopicReader } from '../src/index.js';
import {
  eventually,
  type Order,
  order,
  orders,
  type RunningBus,
  someOrders,
  startBus,
  startPublisher,
} from './harness.js';

/**
 * 6. A broker that goes away is waited for.
 *
 * Publishers send the same records again until their deadline, recognisably, so that none is lost and none doubled.
 * Consumers connect again by themselves. Nobody has to be restarted.
 */

const seen = new Map<number, number>();

@Controller()
class Counter {
  @Consumes(orders, { group: 'counter', schema: 'none', positions: 'committed' })
  async handle(batch: Batch<Order>): Promise<void> {
    for (const { value } of batch.messages) seen.set(value.n, (seen.get(value.n) ?? 0) + 1);
  }
}

describe('a broker restart', () => {
  const COUNT = 20_000;
  const PATIENCE_MS = 180_000;
  let dir: string;
  let broker: Awaited<ReturnType<typeof ownKafka>>;
  let kafka: KafkaSettings;
  let publisher: KafkaPublisher;
  let bus: RunningBus;
  let follower: TopicReader<typeof orders.schema>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tidings-broker-'));
    broker = await ownKafka({ dir });
    kafka = { brokers: broker.brokers.split(','), ssl: false, sasl: null, topicPrefix: 'restart.', clientId: 'test' };
    // Longer than this broker takes to start on a busy machine.
    publisher = await startPublisher(kafka, [orders], 3, PATIENCE_MS);
    bus = await startBus([Counter], { kafka, publisher, patienceMs: PATIENCE_MS });
  });
  afterAll(async () => {
    await follower.stop();
    await bus.close();
    await publisher.close();
    await broker.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('killed twice while publishing: 0 rejected, 0 lost, 0 doubled, and consumers resume by themselves', async () => {
    const followed: number[] = [];
    follower = new TopicReader({ kafka, topic: orders, onFatal: () => {}, patienceMs: PATIENCE_MS });
    await follower.start(({ value }) => followed.push(value?.n ?? 0));
    let rejected = 0;
    let acknowledged = 0;
    const publishing = (async () => {
      const list = someOrders(COUNT, 100);
      for (let from = 0; from < COUNT; from += 200) {
        const small = Array.from({ length: 10 }, (_, index) => list.slice(from + index * 20, from + index * 20 + 20));
        await Promise.all(small.map((some) => order(publisher, some).then(() => (acknowledged += some.length), () => rejected++))); // prettier-ignore
      }
    })();
    for (const share of [0.2, 0.6]) {
      await eventually(() => acknowledged > COUNT * share);
      await broker.kill();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      broker = await ownKafka({ dir, port: broker.port });
    }
    await publishing;
    expect([rejected, acknowledged]).toEqual([0, COUNT]);
    await eventually(() => seen.size === COUNT);
    expect(bus.fatal).toEqual([]);

    expect(await countOnTopic(kafka)).toBe(COUNT);

    // A follower goes on where it was: whoever begins anew shows an old state for a while.
    await eventually(() => followed.length >= COUNT);
    expect([followed.length, new Set(followed).size]).toEqual([COUNT, COUNT]);
  });

  it('a consumer that starts before its broker waits for it, and says so', async () => {
    await bus.close();
    await broker.stop();
    bus = await startBus([Counter], { kafka, publisher, wait: false });
    await eventually(() => bus.log.includes('warn Kafka cannot be reached yet, waiting'));
    expect(bus.strategy.health()).toMatchObject({ ready: false, live: true });
    broker = await ownKafka({ dir, port: broker.port });
    await order(publisher, [{ v: 1, customer: 'early', n: COUNT + 1 }]);
    await eventually(() => seen.has(COUNT + 1));
    expect(bus.fatal).toEqual([]);
  });

  it('beyond its patience it gives up with the reason', async () => {
    await bus.close();
    await broker.stop();
    await expect(startBus([Counter], { kafka, publisher, patienceMs: 1_000 })).rejects.toThrow(
      'joining group restart.counter.orders',
    );
    broker = await ownKafka({ dir, port: broker.port });
  });
});

/** Every record that the topic holds. */
async function countOnTopic(kafka: KafkaSettings): Promise<number> {
  let count = 0;
  const reader = new TopicReader({ kafka, topic: orders, onFatal: () => {} });
  await reader.start(() => count++);
  await reader.stop();
  return count;
}
