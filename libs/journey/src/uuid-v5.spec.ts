import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v5 } from 'uuid';
import { messageId, runId } from './ids.js';
import { namespaceOf, uuidV5 } from './uuid-v5.js';

describe('an id from a name', () => {
  it('is the one that everybody else derives', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }));
    fc.assert(
      fc.property(text, fc.uuid(), (name, namespace) => {
        expect(uuidV5(name, namespaceOf(namespace))).toBe(v5(name, namespace));
      }),
    );
  });

  it.each([0, 38, 39, 40, 46, 47, 48, 102, 103, 104, 1000])(
    'is so for %i bytes, also where a block is just full',
    (length) => {
      const namespace = 'ffffffff-0000-5fff-8000-ffffffff0000';
      expect(uuidV5('x'.repeat(length), namespaceOf(namespace))).toBe(v5('x'.repeat(length), namespace));
    },
  );
});

describe('the ids of runs and messages', () => {
  it('stay what they were: what was published under them is recognised by them', () => {
    const by = { source: 'events/3', position: 7 };
    const run = runId({ workspace: 'demo', journey: 'welcome', profileId: 'zoë', key: null, by });
    expect([run, messageId(run, 1, 'push')]).toEqual([
      '2c65b9b6-ff8d-5756-8ef4-2470969839a3',
      '3ae72277-ed5b-5496-9e13-6344c749a089',
    ]);
  });
});
