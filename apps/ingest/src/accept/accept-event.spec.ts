import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent } from '@tidings/contracts';
import { acceptEvent, type Door } from './accept-event.js';
import { limits } from './limits.js';

const now = new Date('2026-03-02T12:00:00.000Z');
const door: Door = { workspace: 'demo', source: 'http', now, messageId: () => 'made-up' };

const track = (change: object = {}) => ({ type: 'track', userId: 'ann', event: 'Product Added', ...change });

function accepted(raw: unknown, change: Partial<Door> = {}): AcceptedEvent {
  const answer = acceptEvent(raw, { ...door, ...change });
  if (answer.kind === 'refused') throw new Error(`refused: ${answer.field} ${answer.message}`);
  return answer.event;
}

function refusedField(raw: unknown, change: Partial<Door> = {}): string {
  const answer = acceptEvent(raw, { ...door, ...change });
  if (answer.kind === 'accepted') throw new Error('was accepted');
  return answer.field;
}

function nested(depth: number): unknown {
  let value: unknown = 'leaf';
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

describe('acceptEvent accepts the calls of the Segment specification', () => {
  it.each<[string, object, Partial<AcceptedEvent>]>([
    [
      'a track call',
      track({ properties: { cart_id: 'c1' } }),
      { type: 'track', name: 'Product Added', properties: { cart_id: 'c1' }, traits: {} },
    ],
    [
      'an identify call',
      { type: 'identify', userId: 'ann', traits: { email: 'a@example.com' } },
      { name: 'identify', traits: { email: 'a@example.com' } },
    ],
    [
      'a page with name and category',
      { type: 'page', userId: 'ann', name: 'Cart', category: 'Shop', properties: { url: '/' } },
      { name: 'Cart', properties: { name: 'Cart', category: 'Shop', url: '/' } },
    ],
    ['a page without a name', { type: 'page', userId: 'ann' }, { name: 'page', properties: {} }],
    ['a screen', { type: 'screen', userId: 'ann', name: 'Home' }, { type: 'screen', name: 'Home' }],
    [
      "a group, whose traits are not the person's",
      { type: 'group', userId: 'ann', groupId: 7, traits: { plan: 'pro' } },
      { name: 'group', properties: { groupId: '7', traits: { plan: 'pro' } }, traits: {} },
    ],
    [
      'an alias',
      { type: 'alias', userId: 'ann', previousId: 'anon-1' },
      { name: 'alias', properties: { previousId: 'anonymous:anon-1' } },
    ],
    [
      'an anonymous profile',
      { type: 'track', anonymousId: 'x1', event: 'E' },
      { profileId: 'anonymous:x1', userId: null, anonymousId: 'x1' },
    ],
    [
      'both ids: the user id names the profile',
      track({ anonymousId: 'x1' }),
      { profileId: 'ann', userId: 'ann', anonymousId: 'x1' },
    ],
    ['a number as user id', track({ userId: 42 }), { profileId: '42', userId: '42' }],
    ['an empty user id as none', track({ userId: '', anonymousId: 'x1' }), { profileId: 'anonymous:x1' }],
    ['its own message id', track({ messageId: 'm1' }), { messageId: 'm1' }],
    ['no message id: the door gives one', track(), { messageId: 'made-up' }],
    ['traits of the context on any call', track({ context: { traits: { plan: 'pro' } } }), { traits: { plan: 'pro' } }],
    [
      'identify traits over those of the context',
      { type: 'identify', userId: 'ann', traits: { a: 1 }, context: { traits: { a: 2, b: 2 } } },
      { traits: { a: 1, b: 2 } },
    ],
    ['properties that are null', track({ properties: null }), { properties: {} }],
  ])('%s', (_name, raw, expected) => {
    expect(accepted(raw)).toMatchObject({
      v: 1,
      workspace: 'demo',
      source: 'http',
      receivedAt: now.toISOString(),
      ...expected,
    });
  });

  it('lets only those who keep a secret name a known user as previous', () => {
    const alias = { type: 'alias', userId: 'ann', previousId: 'bob' };
    expect(accepted(alias).properties).toEqual({ previousId: 'anonymous:bob' });
    expect(accepted(alias, { mergesKnown: true }).properties).toEqual({ previousId: 'bob' });
    expect(accepted({ ...alias, previousId: 'anonymous:x1' }).properties).toEqual({ previousId: 'anonymous:x1' });
  });

  it('keeps of the context what Tidings acts on, and nothing else', () => {
    const context = {
      device: { id: 'd1', type: 'ios', token: 't1', model: 'Phone' },
      app: { name: 'Shop', version: '3.10.1', build: '77' },
      timezone: 'Europe/Berlin',
      locale: 'de-DE',
      consent: { categoryPreferences: { email: true, push: false } },
      location: { latitude: 48.57, longitude: 13.43, country: 'DE', region: '', city: 'Passau', speed: 3 },
      ip: '192.0.2.1',
      userAgent: 'agent',
    };
    expect(accepted(track({ context })).context).toEqual({
      device: { id: 'd1', type: 'ios', token: 't1', appVersion: '3.10.1' },
      location: { latitude: 48.57, longitude: 13.43, country: 'DE', city: 'Passau' },
      timezone: 'Europe/Berlin',
      locale: 'de-DE',
      consent: { email: true, push: false },
    });
  });

  it("takes what a batch says for all, and an event's own word over it", () => {
    const shared = { context: { locale: 'de', timezone: 'Europe/Berlin' } };
    expect(accepted(track({ context: { locale: 'fr' } }), shared).context).toEqual({
      locale: 'fr',
      timezone: 'Europe/Berlin',
    });
  });

  it("takes the call of the door over the event's type", () => {
    expect(accepted({ userId: 'ann', type: 'track' }, { type: 'identify' }).type).toBe('identify');
  });
});

describe('acceptEvent corrects and bounds the time', () => {
  it.each<[string, object, Partial<Door>, string]>([
    ['none: the moment of receipt', {}, {}, '2026-03-02T12:00:00.000Z'],
    [
      'none, but the door knows when',
      {},
      { otherwiseAt: new Date('2026-03-02T11:00:00Z') },
      '2026-03-02T11:00:00.000Z',
    ],
    ['as it says, without sentAt', { timestamp: '2026-03-01T08:00:00Z' }, {}, '2026-03-01T08:00:00.000Z'],
    [
      'a clock an hour slow',
      { timestamp: '2026-03-02T10:00:00Z', sentAt: '2026-03-02T11:00:00Z' },
      {},
      '2026-03-02T11:00:00.000Z',
    ],
    [
      'a clock two years fast',
      { timestamp: '2028-03-02T10:59:00Z', sentAt: '2028-03-02T11:00:00Z' },
      {},
      '2026-03-02T11:59:00.000Z',
    ],
    [
      'the sentAt of the batch',
      { timestamp: '2026-03-02T10:00:00Z' },
      { sentAt: '2026-03-02T10:00:05Z' },
      '2026-03-02T11:59:55.000Z',
    ],
    [
      'originalTimestamp, as older SDKs send it',
      { originalTimestamp: '2026-03-02T10:00:00Z', sentAt: '2026-03-02T10:01:00Z' },
      {},
      '2026-03-02T11:59:00.000Z',
    ],
    [
      'corrected before: both timestamps',
      { timestamp: '2026-03-01T00:00:00Z', originalTimestamp: '2026-02-28T00:00:00Z', sentAt: '2026-02-28T00:00:00Z' },
      {},
      '2026-03-01T00:00:00.000Z',
    ],
    [
      'a sentAt that is no instant is not used',
      { timestamp: '2026-03-01T08:00:00Z', sentAt: 'soon' },
      {},
      '2026-03-01T08:00:00.000Z',
    ],
    ['an hour ahead: not after its receipt', { timestamp: '2026-03-02T13:00:00Z' }, {}, '2026-03-02T12:00:00.000Z'],
    ['a date', { timestamp: '2026-03-01' }, {}, '2026-03-01T00:00:00.000Z'],
    ['without a zone: UTC', { timestamp: '2026-03-01T08:00:00' }, {}, '2026-03-01T08:00:00.000Z'],
    [
      'with an offset and microseconds',
      { timestamp: '2026-03-01T08:00:00.123456+02:00' },
      {},
      '2026-03-01T06:00:00.123Z',
    ],
    ['twenty years back', { timestamp: '2006-03-01T08:00:00Z' }, {}, '2006-03-01T08:00:00.000Z'],
  ])('%s', (_name, change, context, expected) => {
    expect(accepted(track(change), context).timestamp).toBe(expected);
  });
});

describe('acceptEvent refuses, naming the field', () => {
  it.each<[string, unknown, string]>([
    ['null', null, ''],
    ['a list', [], ''],
    ['a text', 'track', ''],
    ['a call that does not exist', { type: 'trigger', userId: 'ann' }, 'type'],
    ['no type', { userId: 'ann', event: 'E' }, 'type'],
    ['nobody', { type: 'track', event: 'E' }, 'userId'],
    ['a user id that is an object', track({ userId: { id: 1 } }), 'userId'],
    ['a user id of 256 characters', track({ userId: 'x'.repeat(256) }), 'userId'],
    ['a user id that looks anonymous', track({ userId: 'anonymous:x1' }), 'userId'],
    ['an anonymous id of 246 characters', track({ anonymousId: 'x'.repeat(246) }), 'anonymousId'],
    ['a message id of 256 characters', track({ messageId: 'x'.repeat(256) }), 'messageId'],
    ['a track without event', { type: 'track', userId: 'ann' }, 'event'],
    ['an event name that is a number', track({ event: 1 }), 'event'],
    ['an event name of 256 characters', track({ event: 'x'.repeat(256) }), 'event'],
    ['properties that are a list', track({ properties: [] }), 'properties'],
    ['traits that are a text', { type: 'identify', userId: 'ann', traits: 'x' }, 'traits'],
    ['a group without groupId', { type: 'group', userId: 'ann' }, 'groupId'],
    ['an alias without previousId', { type: 'alias', userId: 'ann' }, 'previousId'],
    ['an alias without userId', { type: 'alias', anonymousId: 'x', previousId: 'y' }, 'userId'],
    ['a context that is a list', track({ context: [] }), 'context'],
    ['context traits that are a list', track({ context: { traits: [] } }), 'context.traits'],
    ['a push token without device id', track({ context: { device: { token: 't' } } }), 'context.device.id'],
    ['a push token that is a number', track({ context: { device: { id: 'd', token: 1 } } }), 'context.device.token'],
    ['a time zone that is a number', track({ context: { timezone: 1 } }), 'context.timezone'],
    [
      'a latitude beyond the pole',
      track({ context: { location: { latitude: 90.1, longitude: 0 } } }),
      'context.location.latitude',
    ],
    [
      'a longitude that is a text',
      track({ context: { location: { latitude: 0, longitude: '8' } } }),
      'context.location.longitude',
    ],
    [
      'a latitude without a longitude',
      track({ context: { location: { latitude: 0, longitude: null } } }),
      'context.location.longitude',
    ],
    ['a city that is a number', track({ context: { location: { city: 1 } } }), 'context.location.city'],
    [
      'a country of 129 characters',
      track({ context: { location: { country: 'x'.repeat(129) } } }),
      'context.location.country',
    ],
    ['a location that is a text', track({ context: { location: 'Passau' } }), 'context.location'],
    ['a locale of 36 characters', track({ context: { locale: 'x'.repeat(36) } }), 'context.locale'],
    [
      'consent that is a text',
      track({ context: { consent: { categoryPreferences: { email: 'yes' } } } }),
      'context.consent.categoryPreferences.email',
    ],
    ['a timestamp in milliseconds', track({ timestamp: 1_700_000_000_000 }), 'timestamp'],
    ['a negative timestamp', track({ timestamp: -1 }), 'timestamp'],
    ['a negative year', track({ timestamp: '-000001-01-01T00:00:00Z' }), 'timestamp'],
    ['a month that does not exist', track({ timestamp: '2026-13-01T00:00:00Z' }), 'timestamp'],
    ['a time before 1970', track({ timestamp: '1969-12-31T23:59:59Z' }), 'timestamp'],
    [
      'a time that its sentAt takes before 1970',
      track({ timestamp: '1970-01-01T00:00:00Z', sentAt: '9999-01-01T00:00:00Z' }),
      'timestamp',
    ],
    ['a time two days ahead', track({ timestamp: '2026-03-04T12:00:00Z' }), 'timestamp'],
    ['the year 9999', track({ originalTimestamp: '9999-12-31T00:00:00Z' }), 'originalTimestamp'],
    [
      '__proto__',
      JSON.parse('{"type":"track","userId":"a","event":"E","properties":{"a":{"__proto__":{"x":1}}}}'),
      'properties.a.__proto__',
    ],
    ['__proto__ at the top', JSON.parse('{"type":"track","userId":"a","event":"E","__proto__":{"x":1}}'), '__proto__'],
    ['constructor', track({ properties: { constructor: { prototype: 1 } } }), 'properties.constructor'],
    ['half a surrogate pair', track({ properties: { list: ['ok', '\ud83d'] } }), 'properties.list.1'],
    ['NUL, which Postgres does not take', track({ properties: { a: 'x\0y' } }), 'properties.a'],
    [
      'a number beyond all numbers',
      JSON.parse('{"type":"track","userId":"a","event":"E","properties":{"a":1e400}}'),
      'properties.a',
    ],
    ['depth 33', track({ properties: nested(32) }), `properties${'.a'.repeat(31)}`],
    [
      '1,001 names',
      track({ properties: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1])) }),
      'properties.k996',
    ],
    ['a name of 256 characters', track({ properties: { ['x'.repeat(256)]: 1 } }), `properties.${'x'.repeat(189)}`],
  ])('%s', (_name, raw, field) => {
    expect(refusedField(raw)).toBe(field);
  });

  it('an event of 32 KB and one byte, and not one of 32 KB', () => {
    const size = (length: number) => track({ properties: { text: 'ä'.repeat(8) + 'x'.repeat(length) } });
    const overhead = Buffer.byteLength(JSON.stringify(size(0)));
    expect(acceptEvent(size(limits.eventBytes - overhead), door).kind).toBe('accepted');
    expect(acceptEvent(size(limits.eventBytes - overhead + 1), door)).toMatchObject({
      kind: 'refused',
      field: '',
      message: 'is larger than 32 KB',
    });
  });

  it('depth 10,000, without running out of stack', () => {
    expect(refusedField(track({ properties: nested(10_000) }))).toMatch(/^properties\.a/);
  });
});
