import { beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError, type Envelope, type RawBatch } from '@tidings/bus';
import { deadLetters, events, inbound } from '@tidings/contracts';
import { recordingPublisher } from '@tidings/testing';
import { CloudEvent, Kafka } from 'cloudevents';
import { Catalog } from '@tidings/service';
import { RedrivenRecords } from '../source/redriven-records.js';
import { SourceIntake } from '../source/source-intake.js';
import { Sources } from '../source/sources.js';
import { specConfig } from '../app.fixture.js';
import { InboundHandler } from './inbound.handler.js';

type Written = Partial<Envelope<Buffer | null>>;

const recordedAt = new Date('2026-03-02T11:00:00.000Z');
const publisher = recordingPublisher();
const handler = new InboundHandler(publisher, { config: specConfig }, new RedrivenRecords(new Sources(Catalog.of([])), new SourceIntake(), { config: specConfig }));

beforeEach(() => {
  publisher.failWith(null);
  publisher.clear();
});

/** As the bus hands records over: most fields are made when somebody asks, so a spread copy would lack them. */
class Read implements Envelope<Buffer | null> {
  readonly topic = inbound.name;
  readonly partition = 3;
  readonly value: Buffer | null;

  constructor(
    private readonly written: Written,
    readonly offset: number,
  ) {
    this.value = written.value ?? null;
  }

  get key() {
    return this.written.key ?? null;
  }

  get timestamp() {
    return recordedAt;
  }

  get headers() {
    return this.written.headers ?? {};
  }

  get traceparent() {
    return this.written.traceparent ?? null;
  }
}

const batchOfRecords = (records: readonly Written[]): RawBatch => ({
  messages: records.map((record, index) => new Read(record, 40 + index)),
  positions: [{ schema: '', consumer: 'ingest', topic: inbound.name, partition: 3, from: 40, to: 40 + records.length }],
  signal: new AbortController().signal,
});

const json = (value: unknown): Written => ({ value: Buffer.from(JSON.stringify(value)) });
const track = (change: object = {}) => ({ type: 'track', userId: 'ann', event: 'Product Added', ...change });

/** As a producer that uses the CloudEvents SDK writes it. */
function written({ headers, value }: ReturnType<typeof Kafka.binary>): Written {
  const texts = Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string');
  return {
    headers: Object.fromEntries(texts),
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  };
}

const orderPlaced = (change: object = {}) =>
  new CloudEvent({
    id: 'e1',
    source: '/orders',
    type: 'com.example.order.placed',
    subject: 'ann',
    time: '2026-03-02T10:00:00.000Z',
    data: { order_id: 'o1' },
    ...change,
  });

const handled = async (...records: Written[]) => {
  await handler.handle(batchOfRecords(records));
  return publisher.published(events);
};

const reasons = () =>
  publisher.outgoing.filter(({ topic }) => topic === deadLetters.name).map(({ headers }) => headers['reason']);

describe('the Kafka door accepts', () => {
  it("JSON of the Segment specification, with ids from the record's place when it has none", async () => {
    const [event] = await handled(json(track({ properties: { cart_id: 'c1' } })));
    expect(event).toMatchObject({
      workspace: 'demo', profileId: 'ann', name: 'Product Added', properties: { cart_id: 'c1' }, source: 'kafka',
      messageId: `inbound/3/40/${recordedAt.getTime()}`, timestamp: recordedAt.toISOString(),
    }); // prettier-ignore
  });

  it('the same record with the same id again, when it is read again', async () => {
    const [first] = await handled(json(track()));
    publisher.clear();
    const [second] = await handled(json(track()));
    expect(second?.messageId).toBe(first?.messageId);
  });

  it("the sender's own id, which is the same event through whichever door", async () => {
    expect(await handled(json(track({ messageId: 'm1' })))).toMatchObject([{ messageId: 'm1' }]);
  });

  const expected = {
    type: 'track', name: 'com.example.order.placed', profileId: 'ann', userId: 'ann', properties: { order_id: 'o1' },
    messageId: '/orders e1', timestamp: '2026-03-02T10:00:00.000Z',
  }; // prettier-ignore

  it.each<[string, () => Written]>([
    ['binary mode', () => written(Kafka.binary(orderPlaced()))],
    ['structured mode', () => written(Kafka.structured(orderPlaced()))],
    [
      'structured mode whose producer forgot the content type',
      () => ({ ...written(Kafka.structured(orderPlaced())), headers: {} }),
    ],
    [
      'binary mode with headers in another case',
      () => {
        const record = written(Kafka.binary(orderPlaced()));
        return {
          ...record,
          headers: Object.fromEntries(
            Object.entries(record.headers ?? {}).map(([name, value]) => [name.toUpperCase(), value]),
          ),
        };
      },
    ],
  ])('CloudEvents in %s', async (_name, record) => {
    expect(await handled(record())).toMatchObject([expected]);
    expect(reasons()).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['without data', { data: undefined }, { properties: {} }],
    ['of an anonymous profile', { subject: undefined, anonymousid: 'x1' }, { profileId: 'anonymous:x1' }],
    ['without a time: when it was written', { time: undefined }, { timestamp: recordedAt.toISOString() }],
    [
      'that identify',
      { type: 'com.example.identify', data: { plan: 'pro' } },
      { type: 'identify', traits: { plan: 'pro' } },
    ],
    [
      'whose data is an event of the Segment specification',
      { data: track({ userId: 'bob', messageId: 'm2' }) },
      { profileId: 'bob', name: 'Product Added', messageId: 'm2' },
    ],
    [
      'whose data is one and leaves the rest to the attributes',
      { data: { type: 'track', event: 'Seen' } },
      { profileId: 'ann', name: 'Seen', messageId: '/orders e1', timestamp: '2026-03-02T10:00:00.000Z' },
    ],
    [
      'whose data only has a property called type',
      { data: { type: 'page' } },
      { type: 'track', name: 'com.example.order.placed', properties: { type: 'page' } },
    ],
  ])('CloudEvents %s', async (_name, change, event) => {
    const { id, source, type, subject, time, data, anonymousid } = {
      id: 'e1',
      source: '/orders',
      type: 'com.example.order.placed',
      subject: 'ann',
      time: '2026-03-02T10:00:00.000Z',
      data: { order_id: 'o1' },
      anonymousid: undefined,
      ...change,
    };
    expect(
      await handled(json({ specversion: '1.0', id, source, type, subject, time, data, anonymousid })),
    ).toMatchObject([event]);
  });

  it('a trace, and hands it on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await handled({ ...json(track()), traceparent });
    expect(publisher.outgoing[0]?.traceparent).toBe(traceparent);
  });
});

describe('the Kafka door sets aside, with the reason', () => {
  const ce = (change: object) =>
    json({ specversion: '1.0', id: 'e1', source: '/s', type: 't', subject: 'ann', ...change });

  it.each<[string, Written, string]>([
    ['a null value', {}, 'the event has a null value'],
    ['an empty value', { value: Buffer.alloc(0) }, 'the event is not valid JSON'],
    ['invalid UTF-8', { value: Buffer.from([0xc3, 0x28]) }, 'the event is not valid UTF-8'],
    ['broken JSON', { value: Buffer.from('{') }, 'the event is not valid JSON'],
    ['a list', json([track()]), 'the event must be a JSON object'],
    [
      'depth 10,000',
      { value: Buffer.from(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`) },
      `a${'.0'.repeat(31)} is nested deeper than 32 levels`,
    ],
    [
      '__proto__',
      { value: Buffer.from('{"type":"track","userId":"ann","event":"E","__proto__":{}}') },
      '__proto__ is a name that is not allowed',
    ],
    ['an event of 32 KB and one byte', { value: Buffer.alloc(32 * 1024 + 1, ' ') }, 'the event is larger than 32 KB'],
    ['nobody', json({ type: 'track', event: 'E' }), 'userId is required when there is no anonymousId'],
    [
      'a far-future timestamp',
      json(track({ timestamp: '9999-01-01T00:00:00Z' })),
      'timestamp is more than a day in the future',
    ],
    [
      'a negative timestamp',
      json(track({ timestamp: -1 })),
      'timestamp must be a date and time as ISO 8601 writes them',
    ],
    ['a CloudEvent of another version', ce({ specversion: '0.3' }), 'specversion must be 1.0'],
    ['a CloudEvent without id', ce({ id: '' }), 'id is required'],
    ['a CloudEvent without source', ce({ source: undefined }), 'source is required'],
    ['a CloudEvent of nobody', ce({ subject: undefined }), 'subject is required: it is the user id'],
    ['a CloudEvent with a list for data', ce({ data: [] }), 'data must be an object'],
    ['a CloudEvent with binary data', ce({ data_base64: 'AA==' }), 'data_base64 is not supported: send data as JSON'],
    [
      'a CloudEvent in binary mode with XML',
      {
        value: Buffer.from('<a/>'),
        headers: {
          ce_specversion: '1.0',
          ce_id: '1',
          ce_source: '/s',
          ce_type: 't',
          'content-type': 'application/xml',
        },
      },
      'content-type must be JSON',
    ],
    [
      'a CloudEvent in binary mode without type',
      { value: Buffer.from('{}'), headers: { ce_specversion: '1.0', ce_id: '1', ce_source: '/s' } },
      'ce_type is required',
    ],
    [
      'a batch of CloudEvents',
      { value: Buffer.from('[]'), headers: { 'content-type': 'application/cloudevents-batch+json' } },
      'content-type must not be a batch: Kafka carries one event per record',
    ],
  ])('%s', async (_name, record, reason) => {
    await handled(record);
    expect(reasons()).toEqual([reason]);
  });

  it('only the bad one of many, byte for byte, with its place', async () => {
    const bad = { key: 'k1', value: Buffer.from('{"type":') };
    const accepted = await handled(json(track()), bad, json(track({ userId: 'bob' })));
    expect(accepted.map(({ profileId }) => profileId)).toEqual(['ann', 'bob']);
    const letter = publisher.outgoing.find(({ topic }) => topic === deadLetters.name);
    expect(letter).toMatchObject({
      key: 'k1',
      value: bad.value,
      headers: { 'source-topic': 'inbound', 'source-partition': '3', 'source-offset': '41', consumer: 'ingest' },
    });
  });

  it('what is too large to be a dead letter with its headers, without its bytes', async () => {
    await handled({ value: Buffer.alloc(1_048_000, 'x') });
    expect(publisher.outgoing).toMatchObject([
      {
        value: null,
        headers: { reason: 'the event is larger than 32 KB (its 1048000 bytes are too many to be kept here)' },
      },
    ]);
  });
});

describe('the Kafka door, while the broker is away', () => {
  it('fails the batch, so that the position stays where it is', async () => {
    publisher.failWith();
    await expect(handler.handle(batchOfRecords([json(track())]))).rejects.toBeInstanceOf(InfrastructureError);
  });
});
