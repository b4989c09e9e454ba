import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { testKafka } from '@tidings/testing';
import { type Batch, Consumes, InfrastructureError, type KafkaPublisher, type KafkaSettings } from '../src/index.js';
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
 * 5. A partition is given away between two batches, never within one.
 *
 * When the process stops or the group rebalances, the batch in hand is finished and counted, and the next one is left to the
 * next owner. `batch.signal` tells a handler that waits for something: it must end its wait then.
 */

const done: number[] = [];
let started = 0;
let work: (batch: Batch<Order>) => Promise<void> = async () => {};

@Controller()
class Kitchen {
  @Consumes(orders, { group: 'kitchen', schema: 'none', positions: 'committed', maxBatch: 10 })
  async handle(batch: Batch<Order>): Promise<void> {
    started++;
    await work(batch);
    done.push(...batch.messages.map(({ value }) => value.n));
  }
}

describe('rebalance and stop', () => {
  let kafka: KafkaSettings;
  let publisher: KafkaPublisher;
  const buses: RunningBus[] = [];

  beforeEach(async () => {
    [done.length, started] = [0, 0];
    work = async () => {};
    kafka = testKafka().settings;
    publisher = await startPublisher(kafka, [orders], 4);
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await publisher.close();
  });
  const start = async () => {
    const bus = await startBus([Kitchen], { kafka, publisher });
    buses.push(bus);
    return bus;
  };
  const once = () => done.toSorted((a, b) => a - b);

  it('finishes the batch in hand before it stops, and takes no other', async () => {
    let finish = () => {};
    const cooking = new Promise<void>((resolve) => (finish = resolve));
    work = () => cooking;
    await order(publisher, someOrders(100));
    const bus = await start();
    await eventually(() => started === 1);
    const closing = bus.close();
    setTimeout(finish, 100);
    await closing;
    expect([started, done]).toEqual([1, someOrders(10).map(({ n }) => n)]);

    work = async () => {};
    await start();
    await eventually(() => done.length >= 100);
    expect(once()).toEqual(someOrders(100).map(({ n }) => n));
  });

  it('ends the waits of a handler at once when it stops', async () => {
    work = async ({ signal }) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      throw new Error('the oven never got warm');
    };
    await order(publisher, someOrders(3));
    const bus = await start();
    await eventually(() => started === 1);
    const before = Date.now();
    await bus.close();
    expect(Date.now() - before).toBeLessThan(5_000);
    expect([done, bus.fatal]).toEqual([[], []]);
  });

  it('ends a wait for the world at once when it stops', async () => {
    work = () => Promise.reject(new InfrastructureError('no gas'));
    await order(publisher, someOrders(3));
    const bus = await start();
    await eventually(() => started >= 3);
    const before = Date.now();
    await bus.close();
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(bus.fatal).toEqual([]);
  });

  it('shares partitions with a second member and gives them back, each message done once', async () => {
    await start();
    const publishing = (async () => {
      for (let from = 0; from < 2_000; from += 50) {
        await order(publisher, someOrders(2_000, 40).slice(from, from + 50));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    const second = await start();
    await eventually(() =>
      buses.every((bus) =>
        bus.strategy.health().consumers.every(({ ready, partitions }) => ready && partitions.length === 2),
      ),
    );
    await second.close();
    await publishing;
    await eventually(() => done.length >= 2_000);
    expect(once()).toEqual(someOrders(2_000).map(({ n }) => n));
  });

  it('keeps its partitions through a handler that takes longer than the session lasts', async () => {
    let slow = true;
    work = async () => {
      if (slow) await new Promise((resolve) => setTimeout(resolve, 9_000));
      slow = false;
    };
    await order(publisher, someOrders(5));
    const bus = await startBus([Kitchen], { kafka, publisher, sessionTimeoutMs: 6_000 });
    buses.push(bus);
    const rebalances = () => bus.log.filter((line) => line.includes('partitions assigned')).length;
    await eventually(() => done.length === 5);
    await order(publisher, someOrders(6).slice(5));
    await eventually(() => done.includes(6));
    expect([rebalances(), done]).toEqual([1, [1, 2, 3, 4, 5, 6]]);
    expect(bus.strategy.health().live).toBe(true);
  });
});
