import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topic } from '@tidings/contracts';
import { testKafka } from '@tidings/testing';
import Type from 'typebox';
import { type KafkaPublisher, MessageTooLarge, outgoing, rawOutgoing, TopicAdmin, TopicReader } from '../src/index.js';
import { asAdmin, order, orders, someOrders, startPublisher } from './harness.js';

/**
 * 4. Publishing resolves when it is durable.
 *
 * One producer, one send in flight: what is published meanwhile is joined into the next send, so that many small publishes
 * cost little, and the order of a process's messages is the order of its calls.
 */

const small = topic({ ...orders, name: 'small-orders', schema: Type.Object({ text: Type.String() }), key: () => 'k' });

describe('publishing', () => {
  const { settings: kafka } = testKafka();
  let publisher: KafkaPublisher;

  beforeAll(async () => {
    publisher = await startPublisher(kafka, [orders, small], 3);
  });
  afterAll(() => publisher.close());

  /** Everything on a topic, in the order of its partitions. */
  const read = async (name: string) => {
    const records: { key: string | null; value: string | null; headers: Record<string, string>; partition: number }[] =
      [];
    const anything = topic({ ...orders, name, schema: Type.Unknown(), key: () => '' });
    const reader = new TopicReader({ kafka, topic: anything, onFatal: () => {} });
    await reader.start(({ key, value, headers, partition }) =>
      records.push({ key, value: JSON.stringify(value), headers, partition }),
    );
    await reader.stop();
    return records;
  };

  it('keeps the order of calls for each key, however many are under way', async () => {
    await Promise.all(someOrders(3_000, 5).map((one) => order(publisher, [one])));
    const records = (await read('orders')).map(
      ({ value }) => JSON.parse(value ?? '') as { customer: string; n: number },
    );
    expect(records).toHaveLength(3_000);
    for (const list of Map.groupBy(records, ({ customer }) => customer).values()) {
      expect(list.map(({ n }) => n)).toEqual(list.map(({ n }) => n).toSorted((a, b) => a - b));
    }
  });

  it('carries trace and headers, and a null value as a tombstone', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    await publisher.publish([
      rawOutgoing({ topic: 'small-orders', key: 'gone', value: null, headers: { why: 'erased' }, traceparent }),
    ]);
    expect(await read('small-orders')).toEqual([
      { key: 'gone', value: 'null', headers: { why: 'erased', traceparent }, partition: expect.any(Number) },
    ]);
  });

  it('refuses a message that is too large by itself: those that were joined with it go their way, once', async () => {
    const text = (length: number) => outgoing(small, { text: 'x'.repeat(length) });
    const results = await Promise.allSettled(
      [text(10), text(1_200_000), text(20), text(900_000), text(30)].map((one) => publisher.publish([one])),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: expect.any(MessageTooLarge) });
    const sizes = (await read('small-orders'))
      .filter(({ key }) => key === 'k')
      .map(({ value }) => (JSON.parse(value ?? '') as { text: string }).text.length);
    expect(sizes).toEqual([10, 20, 900_000, 30]);
  });

  it('isolates it also where the topic allows less than we believe: nothing is doubled in the other partitions', async () => {
    const tight = { ...orders, name: 'tight' };
    await asAdmin(kafka, (admin) =>
      admin.createTopics({
        topics: [
          {
            topic: `${kafka.topicPrefix}tight`,
            numPartitions: 4,
            configEntries: [{ name: 'max.message.bytes', value: '20000' }],
          },
        ],
      }),
    );
    const list = someOrders(200, 40).map((one) => (one.n === 77 ? { ...one, customer: 'c'.repeat(30_000) } : one));
    const results = await Promise.allSettled(list.map((one) => publisher.publish([outgoing(tight, one)])));
    expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index + 1] : []))).toEqual([77]);
    const numbers = (await read('tight')).map(({ value }) => (JSON.parse(value ?? '') as { n: number }).n);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(list.map(({ n }) => n).filter((n) => n !== 77));
  });

  it('says so when a topic is missing, and holds up nothing else', async () => {
    const missing = { ...orders, name: 'nowhere' };
    const [one] = someOrders(1);
    if (!one) throw new Error('no order');
    const results = await Promise.allSettled([
      publisher.publish([outgoing(missing, one)]),
      publisher.publish([outgoing(small, { text: 'x' })]),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: expect.objectContaining({ name: 'InfrastructureError' }) },
      { status: 'fulfilled' },
    ]);
  });

  it('creates topics once and leaves those that exist as they are', async () => {
    const admin = new TopicAdmin({ kafka });
    const state = topic({ ...orders, name: 'state', cleanup: 'compact' });
    const shape = { partitions: 9, replicationFactor: 1 };
    const created = await Promise.all([admin.ensure([orders, state], shape), admin.ensure([orders, state], shape)]);
    expect(created.flat()).toEqual([`${kafka.topicPrefix}state`]);
    const partitions = await asAdmin(kafka, async (client) => {
      const { topics } = await client.fetchTopicMetadata({
        topics: [`${kafka.topicPrefix}orders`, `${kafka.topicPrefix}state`],
      });
      return Object.fromEntries(
        topics.map(({ name, partitions: list }) => [name.slice(kafka.topicPrefix.length), list.length]),
      );
    });
    expect(partitions).toEqual({ orders: 3, state: 1 });
  });
});
