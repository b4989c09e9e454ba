import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { type AppSchema, type Database, PostgresPositions } from '@tidings/postgres';
import { testDatabase, type TestDatabase, testKafka } from '@tidings/testing';
import {
  type Batch,
  Consumes,
  InfrastructureError,
  type KafkaPublisher,
  type KafkaSettings,
  kafkaGroupId,
  type Position,
} from '../src/index.js';
import {
  asAdmin,
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
 * 3. Positions are stored with the work.
 *
 * A handler with a database gives `batch.positions` to its transaction: either the work and the positions are stored, or
 * neither. At each assignment the bus goes on from the stored position, whatever Kafka's own commit says.
 */

const shop: AppSchema = {
  schema: 'shop',
  migrations: [
    {
      name: '001-sales',
      sql: 'create table shop.sale (n integer not null, seen timestamptz not null default clock_timestamp())',
    },
  ],
};

let database: Database;
/** What happens to a batch on its way, as a test wants it. */
const nothing = async (_positions: readonly Position[]): Promise<void> => {};
let on = { start: nothing, beforeCommit: nothing, afterCommit: nothing };
const outcomes: string[] = [];

@Controller()
class Till {
  @Consumes(orders, { group: 'till', schema: 'shop' })
  async handle({ messages, positions }: Batch<Order>): Promise<void> {
    await on.start(positions);
    try {
      await database.transact({ workspaces: [], positions }, async (tx) => {
        await tx.query('insert into shop.sale (n) select unnest($1::int[])', [messages.map(({ value }) => value.n)]);
        await on.beforeCommit(positions);
      });
      outcomes.push('committed');
    } catch (error) {
      outcomes.push((error as Error).name);
      throw error;
    }
    await on.afterCommit(positions);
  }
}

describe('positions', () => {
  let test: TestDatabase;
  let publisher: KafkaPublisher;
  let kafka: KafkaSettings;
  const buses: RunningBus[] = [];

  beforeAll(async () => {
    test = await testDatabase([shop], { poolSize: 8 });
    database = test.database;
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    kafka = testKafka().settings;
    publisher = await startPublisher(kafka, [orders]);
    await test.rows('truncate shop.sale, shop.kafka_position');
    on = { start: nothing, beforeCommit: nothing, afterCommit: nothing };
    outcomes.length = 0;
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await publisher.close();
  });

  const start = async (options: { patienceMs?: number; rebalanceTimeoutMs?: number; wait?: boolean } = {}) => {
    const bus = await startBus([Till], { kafka, publisher, positions: new PostgresPositions(database), ...options });
    buses.push(bus);
    return bus;
  };
  const sales = async () =>
    (await test.rows<{ n: number }>('select n from shop.sale order by seen, n')).map(({ n }) => n);
  const position = async () =>
    (await test.rows<{ next: number }>('select next_offset::int as next from shop.kafka_position'))[0]?.next;
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  it('begins at the first message there is, and stores how far it came', async () => {
    await order(publisher, someOrders(100));
    await start();
    await eventually(async () => (await sales()).length === 100);
    expect([await sales(), await position()]).toEqual([numbers(1, 100), 100]);
  });

  it('a process that ends between work and commit leaves neither: the next one does each order once', async () => {
    await order(publisher, someOrders(10));
    on.beforeCommit = () => Promise.reject(new InfrastructureError('the database went away'));
    const first = await start({ patienceMs: 0 });
    await eventually(() => first.fatal.length > 0);
    expect(first.fatal[0]?.message).toBe('the database went away');
    expect([await sales(), await position()]).toEqual([[], 0]);
    await first.close();

    on.beforeCommit = nothing;
    await start();
    await eventually(async () => (await sales()).length >= 10);
    expect(await sales()).toEqual(numbers(1, 10));
  });

  it('a database restored to an older state replays what it has forgotten, though Kafka’s commit says it is done', async () => {
    await order(publisher, someOrders(50));
    const before = await start();
    await eventually(async () => (await sales()).length === 50);
    await before.close();
    expect(await committed(kafka)).toBe(50);

    // The backup of an hour ago: 20 orders, and the position that belongs to them.
    await test.rows('delete from shop.sale where n > 20');
    await test.rows('update shop.kafka_position set next_offset = 20');
    await start();
    await eventually(async () => (await sales()).length >= 50);
    expect([await sales(), await position()]).toEqual([numbers(1, 50), 50]);
  });

  it('a commit that succeeded but looked as if it had failed is not repeated', async () => {
    await order(publisher, someOrders(5));
    let answers = 0;
    on.afterCommit = async () => {
      if (++answers === 1) throw new InfrastructureError('the connection broke before the answer to COMMIT');
    };
    const bus = await start();
    await eventually(() => outcomes.includes('PartitionLost'));
    await order(publisher, someOrders(8).slice(5));
    await eventually(async () => (await position()) === 8);
    expect(await sales()).toEqual(numbers(1, 8));
    expect(bus.fatal).toEqual([]);
  });

  it('a zombie that lost its partition cannot commit: the new owner’s work stands alone', async () => {
    await order(publisher, someOrders(10));
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let owners = 0;
    // The first owner stands still before its transaction, deaf to the signal that asks for the partition back.
    on.start = async () => {
      if (++owners === 1) await held;
    };
    const zombie = await start({ rebalanceTimeoutMs: 2_000 });
    await eventually(() => owners === 1);
    const heir = await start({ rebalanceTimeoutMs: 2_000, wait: false });
    await eventually(async () => (await position()) === 10);
    expect(outcomes).toEqual(['committed']);

    release();
    await eventually(() => outcomes.length === 2);
    expect(outcomes).toEqual(['committed', 'PartitionLost']);
    await order(publisher, someOrders(12).slice(10));
    await eventually(async () => (await position()) === 12);
    expect(await sales()).toEqual(numbers(1, 12));
    expect([...zombie.fatal, ...heir.fatal]).toEqual([]);
  });

  it('a position that another process moved is read again: nothing twice, nothing skipped, no exit', async () => {
    await order(publisher, someOrders(4));
    const bus = await start();
    await eventually(async () => (await position()) === 4);
    // It believed for a moment that the partition was its own, and did orders 5 and 6.
    await test.rows('insert into shop.sale (n) values (5), (6)');
    await test.rows('update shop.kafka_position set next_offset = 6');
    await order(publisher, someOrders(8).slice(4));
    await eventually(async () => (await position()) === 8);
    expect(await sales()).toEqual(numbers(1, 8));
    expect(bus.fatal).toEqual([]);
  });

  it('messages that retention deleted before they were handled end the process with a sentence', async () => {
    await order(publisher, someOrders(10));
    await deleteBefore(kafka, 7);
    await test.rows(
      `insert into shop.kafka_position (consumer, topic, partition, next_offset) values ('till', 'orders', 0, 3)`,
    );
    const bus = await start();
    await eventually(() => bus.fatal.length > 0);
    expect(bus.fatal[0]?.message).toContain(
      'till on orders/0: messages 3 to 6 were deleted by retention before they were handled',
    );
    expect(await sales()).toEqual([]);
  });

  it('messages that vanish under a running consumer end the process too: it never jumps', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered = false;
    on.start = async () => {
      entered = true;
      await held;
    };
    await order(publisher, someOrders(5));
    const bus = await start();
    await eventually(() => entered);
    await order(publisher, someOrders(15).slice(5));
    await deleteBefore(kafka, 12);
    release();
    await eventually(() => bus.fatal.length > 0);
    expect(bus.fatal[0]?.message).toContain(
      'till on orders/0: the log went from 5 to 12: messages between were lost before they were handled',
    );
    expect([await sales(), await position()]).toEqual([numbers(1, 5), 5]);
  });

  it('a topic that was created anew ends the process with a sentence', async () => {
    await order(publisher, someOrders(3));
    await test.rows(
      `insert into shop.kafka_position (consumer, topic, partition, next_offset) values ('till', 'orders', 0, 900)`,
    );
    const bus = await start();
    await eventually(() => bus.fatal.length > 0);
    expect(bus.fatal[0]?.message).toContain(
      'the position is 900 but the log ends at 3: the topic lost messages or was created anew',
    );
  });
});

/** What Kafka believes about the group. */
const committed = (kafka: KafkaSettings): Promise<number> =>
  asAdmin(kafka, async (admin) => {
    const groupId = kafkaGroupId(kafka.topicPrefix, { group: 'till', topics: [orders] });
    const [topic] = await admin.fetchOffsets({ groupId, topics: [`${kafka.topicPrefix}orders`] });
    return Number(topic?.partitions[0]?.offset);
  });

const deleteBefore = (kafka: KafkaSettings, offset: number): Promise<void> =>
  asAdmin(kafka, async (admin) => {
    const topic = `${kafka.topicPrefix}orders`;
    await admin.fetchTopicOffsets(topic); // loads the topic's metadata, which the next call forgets to
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
