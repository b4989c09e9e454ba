import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { produceProtocol } from './fast-produce.js';
import type { RecordToEncode } from './record-batch.js';

const require = createRequire(import.meta.url);
const theirRequest = require('kafkajs/src/protocol/requests/produce/v7/request') as (parameters: object) => {
  encode: () => Promise<{ buffer: Buffer }>;
};
const Long = require('kafkajs/src/utils/long') as { fromValue(value: string): { toString(): string } };

const requestOf = (topicData: Record<string, RecordToEncode[]>, more: object = {}) => ({
  acks: -1,
  timeout: 30_000,
  producerId: Long.fromValue('1234567890123'),
  producerEpoch: 7,
  topicData: Object.entries(topicData).map(([topic, messages], index) => ({
    topic,
    partitions: [{ partition: index, firstSequence: 5 + index, messages }],
  })),
  ...more,
});
const ours = async (parameters: ReturnType<typeof requestOf>) =>
  (await produceProtocol.protocol({ version: 7 })(parameters).request.encode()).buffer;
const theirs = async (parameters: object) => (await theirRequest(parameters).encode()).buffer;

const data = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const header = fc.oneof(data, fc.array(data, { maxLength: 3 }));
const record = fc.record(
  {
    key: fc.option(data),
    value: fc.option(data),
    headers: fc.dictionary(fc.string({ minLength: 1 }), header, { maxKeys: 4 }),
  },
  { requiredKeys: ['key', 'value'] },
);

describe('the fast encoder of produce requests', () => {
  // kafkajs asks the clock for each partition.
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_700_000_000_123, doNotFake: ['nextTick', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('writes byte for byte what kafkajs writes, whatever the records hold', async () => {
    const topics = fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.array(record, { minLength: 1, maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(topics, async (topicData) => {
        const parameters = requestOf(topicData);
        expect((await ours(parameters)).equals(await theirs(parameters))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does so for records at the borders of the sizes of numbers', async () => {
    const values = [63, 64, 8_191, 8_192, 1_048_575, 1_048_576].map((length) => ({ key: null, value: 'x'.repeat(length) }));
    const many = Array.from({ length: 200 }, (_, n) => ({ key: `k${n}`, value: `v${n}` }));
    const parameters = requestOf({ values, many });
    expect((await ours(parameters)).equals(await theirs(parameters))).toBe(true);
  });

  it('leaves compressed requests, and records with a time of their own, to kafkajs', async () => {
    for (const parameters of [
      requestOf({ t: [{ key: null, value: 'compressed'.repeat(50) }] }, { compression: 1 }),
      requestOf({ t: [{ key: null, value: 'early', timestamp: '1600000000000' }] }),
    ]) {
      expect((await ours(parameters)).equals(await theirs(parameters))).toBe(true);
    }
  });
});
