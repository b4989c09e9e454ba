import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { deadLetters } from '@tidings/contracts';
import { testKafka } from '@tidings/testing';
import {
  type Batch,
  Consumes,
  type Envelope,
  InfrastructureError,
  type KafkaPublisher,
  rawOutgoing,
  type RawBatch,
} from '../src/index.js';
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
 * 2. A message that cannot be handled becomes a dead letter.
 *
 * Whatever a handler throws that is no InfrastructureError is a message's fault. The bus then tries the batch message by
 * message, and the one that fails alone is set aside on `dead-letters`: the same bytes, with the reason in its headers.
 */

const world = { bad: new Set<number>(), handled: [] as number[], batches: 0, trouble: 0, thrown: [] as unknown[] };
let letters: Envelope<Buffer | null>[] = [];

class CannotShip extends Error {
  override readonly name = 'CannotShip';
}

@Controller()
class Shipping {
  @Consumes(orders, { group: 'shipping', schema: 'none', positions: 'committed' })
  async handle(batch: Batch<Order>): Promise<void> {
    world.batches++;
    if (world.trouble-- > 0) throw new InfrastructureError('the carrier does not answer');
    const bad = batch.messages.find(({ value }) => world.bad.has(value.n));
    if (bad) throw new CannotShip(`no address for "${bad.value.customer}"`);
    world.handled.push(...batch.messages.map(({ value }) => value.n));
  }

  @Consumes(deadLetters, { group: 'mourner', schema: 'none', positions: 'committed', raw: true })
  async mourn(batch: RawBatch): Promise<void> {
    letters.push(...batch.messages);
  }
}

describe('dead letters', () => {
  let publisher: KafkaPublisher;
  let bus: RunningBus;

  beforeEach(async () => {
    Object.assign(world, { bad: new Set(), handled: [], batches: 0, trouble: 0 });
    letters = [];
    const { settings: kafka } = testKafka();
    publisher = await startPublisher(kafka, [orders, deadLetters]);
    bus = await startBus([Shipping], { kafka, publisher });
  });

  afterEach(async () => {
    await bus.close();
    await publisher.close();
  });

  it('one poison message among 500 costs its neighbours nothing', async () => {
    world.bad.add(250);
    await order(publisher, someOrders(500));
    await eventually(() => world.handled.length >= 499 && letters.length > 0);
    expect(world.handled.toSorted((a, b) => a - b)).toEqual(someOrders(500).map(({ n }) => n).filter((n) => n !== 250)); // prettier-ignore
    expect(letters).toHaveLength(1);
    expect(letters[0]?.value?.toString()).toBe(JSON.stringify({ v: 1, customer: 'customer-0', n: 250 }));
    expect(letters[0]?.key).toBe('customer-0');
    expect(letters[0]?.headers).toEqual({
      reason: 'no address for [...]', 'error-class': 'CannotShip', consumer: 'shipping', 'source-topic': 'orders', 'source-partition': '0', 'source-offset': '249', attempts: '2',
    }); // prettier-ignore
    expect(bus.fatal).toEqual([]);
  });

  it('messages that are no orders never reach the handler, and the letter names the field', async () => {
    const raw = (value: string | null) =>
      rawOutgoing({ topic: 'orders', key: 'k', value: value === null ? null : Buffer.from(value) });
    await publisher.publish([raw('not json'), raw(null), raw('{"v":2}'), raw('{"v":1,"customer":"c","n":"seven"}')]);
    await order(publisher, someOrders(1));
    await eventually(() => world.handled.length > 0 && letters.length === 4);
    expect(letters.map(({ headers }) => headers['reason'])).toEqual([
      'the value is not JSON',
      'null value',
      'unknown version 2 in field v: this reader knows 1',
      'field n must be integer',
    ]);
    expect(world.handled).toEqual([1]);
  });

  it('trouble of the world is waited out: the batch comes again, and nothing is set aside', async () => {
    world.trouble = 3;
    await order(publisher, someOrders(50));
    await eventually(() => world.handled.length >= 50);
    expect(letters).toEqual([]);
    expect(world.handled).toHaveLength(50);
  });

  it('many bad messages are a bad release: the consumer stops before it sets the world aside', async () => {
    for (let n = 1; n <= 300; n++) world.bad.add(n);
    await order(publisher, someOrders(300));
    await eventually(() => bus.fatal.length > 0);
    expect(bus.fatal[0]?.message).toContain('20 of the last 20 messages could not be handled');
    expect(letters.length).toBeLessThan(20);
    expect(bus.strategy.health().ready).toBe(false);
  });
});
