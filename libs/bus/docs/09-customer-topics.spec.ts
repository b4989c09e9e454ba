import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testKafka } from '@tidings/testing';
import { CustomerTopics, type CustomerTopic, type Following } from '../src/customer-topics.js';
import type { RawBatch } from '../src/batch.js';
import type { KafkaPublisher } from '../src/kafka-publisher.js';
import { rawOutgoing } from '../src/publisher.js';
import { asAdmin, eventually, startPublisher } from './harness.js';

/**
 * Topics that are not ours are named while the process runs. Each is read by a consumer of its own that is started and
 * stopped at any time, and goes on where its group stopped. What goes wrong with one ends that one only.
 */
describe('customers\' topics', () => {
  const { settings } = testKafka();
  let publisher: KafkaPublisher;
  let topics: CustomerTopics;
  const following: Following[] = [];

  beforeAll(async () => {
    publisher = await startPublisher(settings, []);
    topics = new CustomerTopics({ kafka: settings, publisher });
  });
  afterEach(async () => {
    await Promise.all(following.splice(0).map((each) => each.stop()));
  });
  afterAll(async () => {
    await topics.close();
    await publisher.close();
  });

  const create = (topic: string, numPartitions = 1) =>
    asAdmin(settings, (admin) => admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true }));
  /** The publisher puts our prefix before each name, so the full names of these topics begin with it. */
  const full = (name: string) => settings.topicPrefix + name;
  const write = (name: string, ...values: string[]) =>
    publisher.publish(values.map((value) => rawOutgoing({ topic: name, key: value, value })));

  async function follow(topic: CustomerTopic, failed: Error[] = []): Promise<{ readonly texts: string[]; readonly reader: Following }> {
    const texts: string[] = [];
    const handle = async ({ messages }: RawBatch) => void texts.push(...messages.map(({ value }) => String(value)));
    const reader = topics.follow(topic, { handle, onFailed: (error) => failed.push(error) });
    following.push(reader);
    await reader.start();
    return { texts, reader };
  }

  it('are read from their beginning, under their full names, and go on where their group stopped', async () => {
    await create(full('orders'), 3);
    await write('orders', 'a', 'b', 'c');
    const topic = { group: 'source.demo.orders', topic: full('orders'), from: 'earliest' } as const;
    const first = await follow(topic);
    await eventually(() => first.texts.length === 3);
    await first.reader.stop();
    await write('orders', 'd');
    const second = await follow(topic);
    await eventually(() => second.texts.length > 0);
    expect({ first: first.texts.toSorted(), second: second.texts }).toEqual({ first: ['a', 'b', 'c'], second: ['d'] });
  });

  const now = async (): Promise<Date> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Date();
  };

  it('are read from an instant where that is wanted, and nothing written after it is skipped', async () => {
    await create(full('clicks'));
    await write('clicks', 'old');
    const topic = { group: 'source.demo.clicks', topic: full('clicks'), from: await now() } as const;
    await write('clicks', 'before the first start');
    expect((await topics.lag(topic)).map(({ next, lag }) => ({ next, lag }))).toEqual([{ next: null, lag: 1 }]);
    const first = await follow(topic);
    await eventually(() => first.texts.length > 0);
    await first.reader.stop();
    await write('clicks', 'between');
    const second = await follow(topic);
    await eventually(() => second.texts.length > 0);
    expect([first.texts, second.texts]).toEqual([['before the first start'], ['between']]);
  });

  it('are read from their beginning when they, or partitions of them, are made after that instant', async () => {
    const topic = { group: 'source.demo.later', topic: full('later'), from: await now() } as const;
    await expect(follow(topic)).rejects.toThrow(/there is no topic/);
    await create(full('later'));
    await write('later', 'first');
    const { texts, reader } = await follow(topic);
    await eventually(() => texts.length > 0);
    await reader.stop();
    await asAdmin(settings, (admin) => admin.createPartitions({ topicPartitions: [{ topic: full('later'), count: 4 }] }));
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const fresh = await startPublisher(settings, []);
    await fresh.publish(keys.map((value) => rawOutgoing({ topic: 'later', key: value, value })));
    await fresh.close();
    const grown = await follow(topic);
    await eventually(() => grown.texts.length === keys.length);
    expect([texts, grown.texts.toSorted()]).toEqual([['first'], keys]);
  });

  it('are not waited for where nothing was written since', async () => {
    await create(full('quiet'));
    await write('quiet', 'old');
    const topic = { group: 'source.demo.quiet', topic: full('quiet'), from: await now() } as const;
    const first = await follow(topic);
    await eventually(() => first.reader.health().ready);
    await first.reader.stop();
    expect((await topics.lag(topic)).map(({ next, lag }) => ({ next, lag }))).toEqual([{ next: 1, lag: 0 }]);
    expect(first.texts).toEqual([]);
  });

  it('tell how far a group is behind, whether anybody reads now or not', async () => {
    await create(full('bills'), 2);
    await write('bills', 'a', 'b', 'c');
    const topic = { group: 'source.demo.bills', topic: full('bills'), from: 'earliest' } as const;
    const sum = async () => (await topics.lag(topic)).reduce((all, { lag }) => all + lag, 0);
    expect(await sum()).toBe(3);
    const { texts, reader } = await follow(topic);
    await eventually(() => texts.length === 3);
    await reader.stop();
    await write('bills', 'd');
    expect(await sum()).toBe(1);
  });

  it('show their last records and leave no group behind', async () => {
    await create(full('notes'), 2);
    for (const value of ['a', 'b', 'c', 'd']) await write('notes', value);
    const last = await topics.last(full('notes'), 3, AbortSignal.timeout(20_000));
    expect(last.map(({ value }) => String(value))).toEqual(['b', 'c', 'd']);
    await create(full('empty'));
    expect(await topics.last(full('empty'), 3, AbortSignal.timeout(20_000))).toEqual([]);
    await expect(topics.last(full('nowhere'), 3, AbortSignal.timeout(20_000))).rejects.toThrow(/nowhere/);
  });

  it('that are not there are said to be so at once, and not made', async () => {
    const topic = { group: 'source.demo.nowhere', topic: full('nowhere'), from: 'earliest' } as const;
    await expect(follow(topic)).rejects.toThrow(/there is no topic .*nowhere/);
    await expect(topics.lag(topic)).rejects.toThrow(/there is no topic .*nowhere/);
    expect(await asAdmin(settings, (admin) => admin.listTopics())).not.toContain(full('nowhere'));
  });

  it('end alone when retention overtook them, and say so', async () => {
    await create(full('short'));
    await write('short', 'a', 'b', 'c');
    const topic = { group: 'source.demo.short', topic: full('short'), from: 'earliest' } as const;
    const first = await follow(topic);
    await eventually(() => first.texts.length === 3);
    await first.reader.stop();
    await write('short', 'd', 'e');
    await asAdmin(settings, async (admin) => {
      await admin.fetchTopicOffsets(full('short')); // loads the topic's metadata, which the next call forgets to
      await admin.deleteTopicRecords({ topic: full('short'), partitions: [{ partition: 0, offset: '4' }] });
    });
    const failed: Error[] = [];
    await follow(topic, failed);
    await eventually(() => failed.length > 0);
    expect(failed[0]?.message).toMatch(/messages 3 to 3 were deleted by retention/);
  });
});
