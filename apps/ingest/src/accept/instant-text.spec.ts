import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { instantText } from './instant-text.js';

describe('instantText', () => {
  it('writes what Date writes, whatever was asked before', () => {
    const inOneMinute = fc.integer({ min: 1_767_225_600_000, max: 1_767_225_660_000 });
    const anyTime = fc.integer({ min: 0, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(fc.array(fc.oneof(inOneMinute, anyTime), { minLength: 1 }), (instants) =>
        instants.every((ms) => instantText(ms) === new Date(ms).toISOString()),
      ),
      { numRuns: 1_000 },
    );
  });
});
