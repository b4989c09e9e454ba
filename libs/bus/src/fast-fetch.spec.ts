import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessages } from './fast-fetch.js';
import { FetchedRecord } from './fetched-record.js';

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => { buffer: Buffer; offset: number };
const Encoder = require('kafkajs/src/protocol/encoder') as new () => Encoder;
const recordBatch = require('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: (batch: object) => Promise<Encoder> };
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => Encoder;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (reader: object) => Promise<{ records: Shown[] }>;
const Message = require('kafkajs/src/protocol/message/v1') as (message: object) => Encoder;

interface Encoder {
  readonly buffer: Buffer;
  writeInt32(value: number): Encoder;
  writeInt64(value: string): Encoder;
  writeBuffer(value: Buffer): Encoder;
}
interface Shown {
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

const data = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }).filter((each) => !(each in {}));
const record = fc.record({
  key: fc.option(data),
  value: fc.option(data),
  headers: fc.array(fc.tuple(name, fc.oneof(data, fc.array(data, { minLength: 1, maxLength: 3 }))), { maxLength: 4 }),
  // Records of one batch may be written at any times, in any order.
  timestampDelta: fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -(2 ** 44), max: 2 ** 44 })),
});
const batch = fc.record({
  first: fc.oneof(fc.nat(), fc.integer({ min: 2 ** 32, max: 2 ** 50 })),
  producerId: fc.oneof(fc.constant(-1), fc.nat()),
  transactional: fc.boolean(),
  records: fc.array(record, { minLength: 1, maxLength: 20 }),
});

async function bytesOf({ first, producerId, transactional, records }: typeof batch extends fc.Arbitrary<infer B> ? B : never, compression = 0): Promise<Buffer> {
  const time = 1_700_000_000_123;
  const encoded = await recordBatch.RecordBatch({
    compression,
    transactional,
    firstTimestamp: time,
    maxTimestamp: time + 5_000,
    producerId,
    producerEpoch: 3,
    firstSequence: 0,
    lastOffsetDelta: records.length - 1,
    records: records.map(({ headers, ...rest }, offsetDelta) => encodeRecord({ ...rest, offsetDelta, headers: Object.fromEntries(headers) })),
  });
  const bytes = Buffer.from(encoded.buffer);
  bytes.writeBigInt64BE(BigInt(first), 0);
  return bytes;
}

const withSize = (bytes: Buffer): Buffer => new Encoder().writeInt32(bytes.length).writeBuffer(bytes).buffer;

/** What kafkajs makes of the batches, asked for one by one: its own reader of many is replaced here. */
async function theirs(bytes: Buffer): Promise<Shown[]> {
  const reader = new Decoder(bytes);
  const records: Shown[] = [];
  while (reader.offset < bytes.length) records.push(...(await decodeBatch(reader)).records);
  return records;
}

const fields = ['offset', 'timestamp', 'key', 'value', 'headers', 'isControlRecord', 'attributes', 'magicByte'] as const;
const shown = (given: unknown) => {
  const record = given as Record<(typeof fields)[number], unknown> & Shown;
  const { producerId, inTransaction } = record.batchContext;
  return { ...Object.fromEntries(fields.map((field) => [field, record[field]])), headers: Object.entries(record.headers as object), producerId, inTransaction };
};

describe('the fast decoder of fetched records', () => {
  it('reads what kafkajs reads, whatever the batches hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
        const bytes = Buffer.concat(await Promise.all(batches.map((each) => bytesOf(each))));
        const reader = new Decoder(withSize(bytes));
        const records = await decodeMessages(reader);
        expect(records.every((each) => each instanceof FetchedRecord)).toBe(true);
        expect(records.map(shown)).toEqual((await theirs(bytes)).map(shown));
        expect(reader.offset).toBe(bytes.length + 4);
      }),
      { numRuns: 200 },
    );
  });

  // kafkajs takes what every object has for a first value.
  it('reads a header that is named as something every object has like any other', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const headers = names.map((each) => [each, Buffer.from('x')] as [string, Buffer<ArrayBuffer>]);
    const [read] = await decodeMessages(new Decoder(withSize(await bytesOf({ ...plain('v'), records: [{ key: null, value: null, headers, timestampDelta: 0 }] }))));
    expect(Object.entries((read as FetchedRecord).headers)).toEqual(headers);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('leaves a batch that the broker cut, wherever it was cut, for the next fetch', async () => {
    const [whole, cut] = await Promise.all([bytesOf(plain('whole')), bytesOf(plain('cut'))]);
    for (let length = 0; length < cut.length; length++) {
      const records = await decodeMessages(new Decoder(withSize(Buffer.concat([whole, cut.subarray(0, length)]))));
      expect(records.map((each) => String((each as FetchedRecord).value))).toEqual(['whole']);
    }
  });

  it('leaves compressed batches, and formats of before, to kafkajs', async () => {
    const [zipped, plainly] = await Promise.all([bytesOf(plain('zipped'), 1), bytesOf(plain('plain'))]);
    const old = new Encoder().writeInt64('7');
    const message = Message({ compression: 0, timestamp: 1_700_000_000_123, key: 'k', value: 'old' }).buffer;
    const cases = [
      { bytes: Buffer.concat([plainly, zipped]), values: ['plain', 'zipped'] },
      { bytes: old.writeInt32(message.length).writeBuffer(message).buffer, values: ['old'] },
      { bytes: Buffer.alloc(0), values: [] },
    ];
    for (const { bytes, values } of cases) {
      const records = await decodeMessages(new Decoder(withSize(bytes)));
      expect(records.map((each) => String((each as { value: Buffer }).value))).toEqual(values);
    }
  });

  it('refuses a record that is longer than its batch', async () => {
    const bytes = await bytesOf(plain('damaged'));
    bytes[61] = 126;
    expect(() => decodeMessages(new Decoder(withSize(bytes)))).toThrow(/offset 5 is damaged/);
  });

  it('is what kafkajs reads its answers with', () => {
    expect(require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages')).toBe(decodeMessages);
  });
});

const plain = (value: string) => ({
  first: 5,
  producerId: 9,
  transactional: false,
  records: [{ key: null, value: Buffer.from(value), headers: [], timestampDelta: 0 }],
});
