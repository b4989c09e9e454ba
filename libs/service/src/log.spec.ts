import { describe, expect, it } from '@jest/globals';
import { logTo, nameService } from './log.js';

function written(write: (log: ReturnType<typeof logTo>) => void): Record<string, unknown> {
  let text = '';
  write(logTo({ write: (line) => (text += line) }, 'debug'));
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the log', () => {
  it('says when, how grave, who and what', () => {
    nameService('orchestrator');
    const line = written((log) => log.child({ name: 'activity' }).warn({ partition: 3 }, 'a sentence'));
    expect(line).toMatchObject({
      level: 'warn',
      service: 'orchestrator',
      name: 'activity',
      partition: 3,
      message: 'a sentence',
    });
    expect(line['ts']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['an address', { address: 'someone@mail.example' }],
    ['a push token in an endpoint', { endpoint: { id: 'd-1', token: 'someone@mail.example' } }],
    ['traits', { profile: { id: 'u-1', traits: { email: 'someone@mail.example' } } }],
    ['a whole event', { event: { properties: { note: 'someone@mail.example' } } }],
    ['a header of a request', { request: { headers: { authorization: 'someone@mail.example' } } }],
    [
      'what a database error carries',
      {
        err: Object.assign(new Error('duplicate key'), {
          detail: 'Key (email)=(someone@mail.example)',
          parameters: ['someone@mail.example'],
        }),
      },
    ],
  ])('leaves out %s', (_, fields) => {
    const line = written((log) => log.info(fields, 'something happened'));
    expect(JSON.stringify(line)).not.toContain('someone@mail.example');
    expect(Object.keys(line)).toContain(Object.keys(fields)[0]);
  });

  it('tells of an error and of what caused it', () => {
    const cause = Object.assign(new TypeError('socket hang up'), { code: 'ECONNRESET' });
    const { err } = written((log) => log.error({ err: new Error('Kafka is away', { cause }) }, 'failed'));
    expect(err).toMatchObject({
      type: 'Error',
      message: 'Kafka is away',
      cause: { type: 'TypeError', message: 'socket hang up', code: 'ECONNRESET' },
    });
  });

  it('leaves a sentence that somebody calls an error as it is', () => {
    expect(written((log) => log.warn({ error: 'Closed connection' }, 'lost Kafka'))['error']).toBe('Closed connection');
  });
});
