import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topic } from '@tidings/contracts';
import { testKafka } from '@tidings/testing';
import Type from 'typebox';
import { type BusLog, type KafkaPublisher, outgoing, rawOutgoing, TopicReader } from '../src/index.js';
import { eventually, startPublisher } from './harness.js';

/**
 * 7. A compacted topic is a state that every process reads.
 *
 * A TopicReader takes the topic from its first message on, says when it has seen all that was there, and follows it. A null
 * value says that what was under this key is gone.
 */

const prices = topic({
  name: 'prices',
  description: 'The price of each article.',
  schema: Type.Object({ article: Type.String(), cents: Type.Integer() }),
  key: ({ article }) => article,
  cleanup: 'compact',
});

describe('state topics', () => {
  const { settings: kafka } = testKafka();
  let publisher: KafkaPublisher;
  const readers: TopicReader<typeof prices.schema>[] = [];
  const lines: string[] = [];
  const log: BusLog = (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`);

  beforeAll(async () => {
    publisher = await startPublisher(kafka, [prices]);
  });
  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.stop()));
    await publisher.close();
  });

  const follow = async () => {
    const state = new Map<string, number>();
    const reader = new TopicReader({ kafka, topic: prices, log, onFatal: () => {} });
    readers.push(reader);
    await reader.start(({ key, value }) => {
      if (value === null) state.delete(key ?? '');
      else state.set(value.article, value.cents);
    });
    return state;
  };
  const price = (article: string, cents: number) => outgoing(prices, { article, cents });

  it('is caught up at once on an empty topic', async () => {
    expect((await follow()).size).toBe(0);
  });

  it('resolves when everything that was there was handed over, tombstones too', async () => {
    await publisher.publish([
      price('tea', 100),
      price('coffee', 200),
      price('tea', 150),
      rawOutgoing({ topic: 'prices', key: 'coffee', value: null }),
    ]);
    expect(Object.fromEntries(await follow())).toEqual({ tea: 150 });
  });

  it('follows, and leaves out what is no message of the topic without ending', async () => {
    const state = await follow();
    await publisher.publish([
      rawOutgoing({ topic: 'prices', key: 'salt', value: Buffer.from('{"article":"salt"}') }),
      price('milk', 90),
    ]);
    await eventually(() => state.get('milk') === 90);
    expect(state.has('salt')).toBe(false);
    expect(lines.find((line) => line.startsWith('record left out'))).toContain(
      'the message must have required properties cents',
    );
  });

  it('every reader sees everything, whoever else reads', async () => {
    const [one, two] = await Promise.all([follow(), follow()]);
    expect([one.get('milk'), two.get('milk')]).toEqual([90, 90]);
  });
});
