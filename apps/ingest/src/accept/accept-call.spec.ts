import { describe, expect, it } from '@jest/globals';
import { acceptCall, type Call, type CallDoor } from './accept-call.js';

const door: CallDoor = {
  workspace: 'demo',
  source: 'http',
  now: new Date('2026-03-02T12:00:00Z'),
  messageId: () => 'made-up',
};
const accept = (call: Call, body: Record<string, unknown>) => acceptCall(call, body, JSON.stringify(body).length, door);
const event = { type: 'track', userId: 'ann', event: 'E' };

describe('acceptCall', () => {
  it('answers for each event of a batch, so that a bad one costs nobody but itself', () => {
    const answer = accept('batch', { batch: [event, { ...event, event: '' }, null, event] });
    expect(answer.kind === 'heard' && answer.answers.map(({ kind }) => kind)).toEqual([
      'accepted',
      'refused',
      'refused',
      'accepted',
    ]);
  });

  it('reads sentAt and context beside the list', () => {
    const answer = accept('batch', {
      batch: [{ ...event, timestamp: '2026-03-02T10:00:00Z' }],
      sentAt: '2026-03-02T10:30:00Z',
      context: { locale: 'de' },
    });
    expect(answer).toMatchObject({
      answers: [{ event: { timestamp: '2026-03-02T11:30:00.000Z', context: { locale: 'de' } } }],
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no list', {}, 'batch'],
    ['an object for a list', { batch: {} }, 'batch'],
    ['2,501 events', { batch: Array.from({ length: 2_501 }, () => event) }, 'batch'],
    ['a context that is a text', { batch: [event], context: 'x' }, 'context'],
    [
      'a hostile context',
      { batch: [event], context: JSON.parse('{"a":{"__proto__":1}}') as unknown },
      'context.a.__proto__',
    ],
  ])('refuses a batch as a whole: %s', (_name, body, field) => {
    expect(accept('batch', body)).toMatchObject({ kind: 'refused', field });
  });

  it('refuses a single call of more than 32 KB', () => {
    expect(acceptCall('track', event, 32 * 1024 + 1, door)).toMatchObject({ kind: 'refused', field: '' });
  });
});
