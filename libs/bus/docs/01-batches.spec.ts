import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { testKafka } from '@tidings/testing';
import { type Batch, Consumes, type KafkaPublisher, type RawBatch } from '../src/index.js';
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
 * 1. A handler is a controller's method that is given batches.
 *
 * A batch holds messages of one partition, in order, parsed and checked. The method resolves when the work is done, and not
 * before: what it resolved for is never handed over again, save after a crash. Nest makes the controller and injects what it needs.
 */

@Injectable()
class Ledger {
  readonly entries: { order: Order; partition: number; offset: number }[] = [];
  readonly batchSizes: number[] = [];
  readonly raw: (string | null)[] = [];
}

@Controller()
class Bookkeeper {
  constructor(private readonly ledger: Ledger) {}

  @Consumes(orders, { group: 'bookkeeper', schema: 'none', positions: 'committed', maxBatch: 100 })
  async handle(batch: Batch<Order>): Promise<void> {
    this.ledger.batchSizes.push(batch.messages.length);
    for (const { value, partition, offset } of batch.messages)
      this.ledger.entries.push({ order: value, partition, offset });
  }

  /** Another consumer of the same topic: it has its own group, its own position and its own pace. */
  @Consumes(orders, { group: 'archivist', schema: 'none', positions: 'committed', raw: true })
  async archive(batch: RawBatch): Promise<void> {
    for (const { value } of batch.messages) this.ledger.raw.push(value === null ? null : value.toString());
  }
}

describe('batches', () => {
  const { settings: kafka } = testKafka();
  const ledger = new Ledger();
  let publisher: KafkaPublisher;
  let bus: RunningBus;

  beforeAll(async () => {
    publisher = await startPublisher(kafka, [orders], 3);
    await order(publisher, someOrders(1_000, 10));
    bus = await startBus([Bookkeeper], { kafka, publisher, providers: [{ provide: Ledger, useValue: ledger }] });
    await eventually(() => ledger.entries.length >= 1_000 && ledger.raw.length >= 1_000);
  });

  afterAll(async () => {
    await bus.close();
    await publisher.close();
  });

  it('hands every message over once', () => {
    expect(ledger.entries.map(({ order: { n } }) => n).toSorted((a, b) => a - b)).toEqual(
      someOrders(1_000).map(({ n }) => n),
    );
  });

  it('keeps the order of each key', () => {
    const byCustomer = Map.groupBy(ledger.entries, ({ order: { customer } }) => customer);
    for (const entries of byCustomer.values()) {
      const numbers = entries.map(({ order: { n } }) => n);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    expect(byCustomer.size).toBe(10);
  });

  it('never hands over more than maxBatch messages, and as many as it can', () => {
    expect(Math.max(...ledger.batchSizes)).toBe(100);
  });

  it('gives handlers that ask for it the bytes as they are', () => {
    expect(JSON.parse(ledger.raw[0] ?? '')).toMatchObject({ v: 1 });
  });

  it('says how each consumer is', async () => {
    await eventually(() =>
      bus.strategy.health().consumers.every(({ partitions }) => partitions.every(({ lag }) => lag === 0)),
    );
    const health = bus.strategy.health();
    expect(health).toMatchObject({ ready: true, live: true });
    expect(health.consumers.map(({ group, topics }) => ({ group, topics }))).toEqual([
      { group: 'bookkeeper', topics: ['orders'] },
      { group: 'archivist', topics: ['orders'] },
    ]);
    expect(health.consumers[0]?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(health.consumers[0]?.partitions.every(({ oldestAt }) => oldestAt === null)).toBe(true);
  });

  it('goes on where it was after a restart', async () => {
    await bus.close();
    await order(publisher, [{ v: 1, customer: 'late', n: 1_001 }]);
    bus = await startBus([Bookkeeper], { kafka, publisher, providers: [{ provide: Ledger, useValue: ledger }] });
    await eventually(() => ledger.entries.length > 1_000);
    expect(ledger.entries.slice(1_000).map(({ order: { n } }) => n)).toEqual([1_001]);
  });
});

/** How many batches are in hand, and how many were at most. */
@Injectable()
class Hands {
  messages = 0;
  full = 0;
  most = 0;
}

@Controller()
class Porter {
  constructor(private readonly hands: Hands) {}

  @Consumes(orders, { group: 'porter', schema: 'none', positions: 'committed', maxBatch: 50 })
  async handle(batch: Batch<Order>): Promise<void> {
    this.hands.full += 1;
    this.hands.most = Math.max(this.hands.most, this.hands.full);
    await sleep(20);
    this.hands.full -= 1;
    this.hands.messages += batch.messages.length;
  }
}

/** Partitions are worked on beside each other; a process that leaves the processor to others has one batch in hand. */
it.each([
  [false, true],
  [true, false],
])('has one batch in hand at a time when it is asked to: %s', async (oneBatchAtATime, several) => {
  const { settings: kafka } = testKafka();
  const hands = new Hands();
  const publisher = await startPublisher(kafka, [orders], 3);
  await order(publisher, someOrders(1_000, 10));
  const bus = await startBus([Porter], { kafka, publisher, oneBatchAtATime, providers: [{ provide: Hands, useValue: hands }] });
  await eventually(() => hands.messages >= 1_000);
  await bus.close();
  await publisher.close();
  expect(hands.most > 1).toBe(several);
});
