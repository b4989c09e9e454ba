import { describe, expect, it } from '@jest/globals';
import { definitions, events, inbound, journeyActivity, type AcceptedEvent } from '@tidings/contracts';
import { decodeRaw, decoderOf } from './decode.js';
import type { KafkaRecord } from './kafka-record.js';

const at = '2026-03-02T12:00:00.000Z';
const event: AcceptedEvent = {
  v: 1, workspace: 'demo', profileId: 'ada', messageId: 'm1', type: 'track', name: 'Signed Up', userId: 'ada', anonymousId: null,
  properties: { plan: 'pro' }, traits: {}, context: {}, timestamp: at, receivedAt: at, source: 'http',
}; // prettier-ignore
const record = (value: unknown, over: Partial<KafkaRecord> = {}): KafkaRecord => ({
  key: Buffer.from('demo:ada'), value: value === null ? null : Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)), offset: '7', timestamp: '1000', headers: {}, ...over,
}); // prettier-ignore
const pieceOf = (topic: string, ...records: KafkaRecord[]) => ({ topic, partition: 2, records, from: 7, to: 8 });

describe('decoding', () => {
  it('hands a valid message over with where it came from', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { messages } = decoderOf([events])(
      pieceOf(
        'events',
        record(event, { headers: { traceparent: Buffer.from(traceparent), x: [Buffer.from('1'), Buffer.from('2')] } }),
      ),
    );
    expect(messages).toHaveLength(1);
    const [{ value, key, topic, partition, offset, timestamp, headers, traceparent: trace }] = messages as [
      (typeof messages)[number],
    ];
    expect({ value, key, topic, partition, offset, timestamp, headers, trace }).toEqual({
      value: event, key: 'demo:ada', topic: 'events', partition: 2, offset: 7, timestamp: new Date(1000), headers: { traceparent, x: '1' }, trace: traceparent,
    }); // prettier-ignore
  });

  it.each<[string, unknown, string]>([
    ['no JSON', Buffer.from('{"email":"ada@example.com"'), 'the value is not JSON'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'the value is not UTF-8'],
    ['null', null, 'null value'],
    ['a missing field', { ...event, messageId: undefined }, 'the message must have required properties messageId'],
    ['a wrong type', { ...event, profileId: 7 }, 'field profileId must be string'],
    [
      'a wrong type further down',
      { ...event, context: { device: { id: 7 } } },
      'field context.device.id must be string',
    ],
    [
      'a wrong instant',
      { ...event, timestamp: '2026-02-30T12:00:00.000Z' },
      'field timestamp must match format "date-time"',
    ],
    ['another version', { ...event, v: 2 }, 'unknown version 2 in field v: this reader knows 1'],
    ['a bare number', 5, 'the message must be object'],
    ['an array where an open object belongs', { ...event, properties: [] }, 'field properties must be object'],
  ])('refuses %s, naming the field and quoting nothing', (_what, value, reason) => {
    const { messages, unreadable } = decoderOf([events])(pieceOf('events', record(value)));
    expect(messages).toEqual([]);
    expect(unreadable.map((one) => one.reason)).toEqual([reason]);
  });

  it('names the field of the variant that a message of a union seems to be', () => {
    const ended = {
      v: 1,
      kind: 'run-ended',
      workspace: 'demo',
      profileId: 'ada',
      journey: { id: 'j', version: 1, runId: 'r', step: 's' },
      at,
      outcome: 'lost',
    };
    const { unreadable } = decoderOf([journeyActivity])(pieceOf('journey-activity', record(ended)));
    expect(unreadable[0]?.reason).toContain('field outcome');
  });

  it('checks the topics whose contracts refer to themselves', () => {
    const where = { all: [{ trait: 'plan', equals: 'pro' }, { not: { performed: 'Signed Up' } }] };
    const definition = {
      v: 1,
      workspace: 'demo',
      kind: 'segment',
      id: 's',
      version: 1,
      status: 'published',
      publishedAt: at,
      body: { id: 's', where },
    };
    const bad = { ...definition, body: { id: 's', where: { all: [{ trait: 5 }] } } };
    const { messages, unreadable } = decoderOf([definitions])(pieceOf('definitions', record(definition), record(bad)));
    expect([messages.length, unreadable.length]).toEqual([1, 1]);
  });

  it('keeps the good neighbours of bad messages, in order', () => {
    const decoded = decoderOf([events])(
      pieceOf('events', record(event), record(Buffer.from('x')), record({ ...event, messageId: 'm2' })),
    );
    expect(decoded.messages.map(({ value }) => (value as AcceptedEvent).messageId)).toEqual(['m1', 'm2']);
  });

  it('leaves raw bytes alone', () => {
    const { messages, unreadable } = decodeRaw(pieceOf(inbound.name, record(Buffer.from('not json')), record(null)));
    expect(messages.map(({ value }) => value)).toEqual([Buffer.from('not json'), null]);
    expect(unreadable).toEqual([]);
  });

  it('reads a number of deep levels without harm', () => {
    const deep = Buffer.from(
      JSON.stringify(event).replace('"plan":"pro"', `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    );
    expect(decoderOf([events])(pieceOf('events', record(deep))).messages).toHaveLength(1);
  });
});
