import { describe, expect, it } from '@jest/globals';
import { AcceptedEvent } from '@tidings/contracts';
import { Compile } from 'typebox/compile';
import { acceptEvent, type Door } from './accept-event.js';

const door: Door = { workspace: 'demo', source: 'http', now: new Date('2026-03-02T12:00:00.000Z'), messageId: () => 'made-up' };
const saying = (context: unknown) => acceptEvent({ type: 'identify', userId: 'ann', context }, door);

const keys = { p256dh: `B${'a-_9'.repeat(21)}xy`, auth: 'BTBZMqHH6r4Tts7J_aSIgg' };
const endpoint = 'https://push.example.com/send/abc';

describe('a subscription to web push and a chat', () => {
  it.each<[string, object, object]>([
    ['are taken as browsers give them', { webPush: { endpoint, expirationTime: null, keys } }, { webPush: { endpoint, keys } }],
    ['keep when the browser lets go', { webPush: { endpoint, expirationTime: 1e12, keys } }, { webPush: { endpoint, keys, expiresAt: '2001-09-09T01:46:40.000Z' } }],
    ['are removed without keys', { webPush: { endpoint, keys, removed: true } }, { webPush: { endpoint, removed: true } }],
    ['have ids that may be numbers', { chat: { kind: 'telegram', id: 123456789, name: 'x' } }, { chat: { kind: 'telegram', id: '123456789' } }],
    ['of a chat are removed', { chat: { kind: 'slack', id: 'U1', removed: true } }, { chat: { kind: 'slack', id: 'U1', removed: true } }],
    ['are nothing when they are null', { webPush: null, chat: null }, {}],
  ])('%s', (_sentence, context, expected) => {
    const accepted = saying(context);
    expect(accepted).toMatchObject({ kind: 'accepted' });
    expect(accepted.kind === 'accepted' && accepted.event.context).toEqual(expected);
    expect(accepted.kind === 'accepted' && Compile(AcceptedEvent).Check(accepted.event)).toBe(true);
  });

  it.each<[string, object, string]>([
    ['a subscription that is a text', { webPush: endpoint }, 'context.webPush'],
    ['one without endpoint', { webPush: { keys } }, 'context.webPush.endpoint'],
    ['one that is not encrypted on its way', { webPush: { endpoint: 'http://push.example.com/a', keys } }, 'context.webPush.endpoint'],
    ['one with a name and password', { webPush: { endpoint: 'https://a:b@push.example.com/', keys } }, 'context.webPush.endpoint'],
    ['one that is no URL', { webPush: { endpoint: 'https://', keys } }, 'context.webPush.endpoint'],
    ['one of 2,049 characters', { webPush: { endpoint: `${endpoint}${'x'.repeat(2049)}`, keys } }, 'context.webPush.endpoint'],
    ['one without keys', { webPush: { endpoint } }, 'context.webPush.keys.p256dh'],
    ['one whose key is too short', { webPush: { endpoint, keys: { ...keys, p256dh: 'BAAA' } } }, 'context.webPush.keys.p256dh'],
    ['one whose secret is no base64url', { webPush: { endpoint, keys: { ...keys, auth: 'BTBZMqHH6r4Tts7J+aSIgg' } } }, 'context.webPush.keys.auth'],
    ['one that ends never', { webPush: { endpoint, keys, expirationTime: 1e300 } }, 'context.webPush.expirationTime'],
    ['one that is removed by a text', { webPush: { endpoint, removed: 'yes' } }, 'context.webPush.removed'],
    ['a chat of a service that nobody knows', { chat: { kind: 'icq', id: '1' } }, 'context.chat.kind'],
    ['a chat without id', { chat: { kind: 'telegram' } }, 'context.chat.id'],
    ['a chat with an id of 256 characters', { chat: { kind: 'telegram', id: 'x'.repeat(256) } }, 'context.chat.id'],
    ['a list of chats', { chat: [] }, 'context.chat'],
  ])('are refused: %s', (_sentence, context, field) => {
    expect(saying(context)).toMatchObject({ kind: 'refused', field });
  });
});
