import { describe, expect, it } from '@jest/globals';
import { AcceptedEvent } from '@tidings/contracts';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { acceptEvent, type Door } from './accept-event.js';

const door: Door = {
  workspace: 'demo',
  source: 'http',
  now: new Date('2026-03-02T12:00:00.000Z'),
  messageId: () => 'made-up',
};
const isAcceptedEvent = Compile(AcceptedEvent);

describe('acceptEvent, of any JSON at all', () => {
  const hostileKeys = fc.constantFrom(
    'type',
    'userId',
    'anonymousId',
    'event',
    'properties',
    'traits',
    'context',
    'timestamp',
    'sentAt',
    'messageId',
    'groupId',
    'previousId',
    'name',
    'device',
    'consent',
    'categoryPreferences',
    '__proto__',
    'constructor',
  );
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.constantFrom('track', 'identify', 'alias', '2026-01-01T00:00:00Z', -1, 'x'.repeat(300)),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(hostileKeys, tie('value')), { maxLength: 8 })
      .map(
        (pairs) =>
          JSON.parse(
            `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
          ) as unknown,
      ),
  }));

  it('never throws, and what it accepts is an AcceptedEvent', () => {
    fc.assert(
      fc.property(
        json,
        fc.option(fc.constantFrom('track', 'identify', 'page', 'group', 'alias'), { nil: undefined }),
        (raw, type) => {
          const answer = acceptEvent(raw, { ...door, ...(type && { type }) });
          return answer.kind === 'refused' ? answer.message.length > 0 : isAcceptedEvent.Check(answer.event);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives the same answer when JSON without escapes spares it the look into texts', () => {
    fc.assert(
      fc.property(json, (raw) => {
        const soundTexts = !JSON.stringify(raw).includes('\\u');
        expect(acceptEvent(raw, { ...door, soundTexts })).toEqual(acceptEvent(raw, door));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answer for the same event', () => {
    fc.assert(
      fc.property(json, (raw) => expect(acceptEvent(raw, door)).toEqual(acceptEvent(raw, door))),
      { numRuns: 200 },
    );
  });
});
