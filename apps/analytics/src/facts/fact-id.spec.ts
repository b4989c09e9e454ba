import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v5 } from 'uuid';
import { nameOf } from '../name-of.js';
import { factId, FACTS } from './fact-id.js';

const parts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 300, maxLength: 1_200 }), fc.constantFrom('', ':', '1:', '1:a', '0:')), { maxLength: 5 });

describe('factId', () => {
  it('is the UUID of version 5 of what it names', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(factId(some)).toBe(v5(nameOf(some), FACTS));
      }),
      { numRuns: 1_000 },
    );
  });

  it('stays what it was: who dedupes by it must not hear a fact again as another', () => {
    expect(factId(['demo', 'run.started', 'run-1'])).toBe(v5('4:demo11:run.started5:run-1', FACTS));
  });

  it.each([
    [['ab', 'c'], ['a', 'bc']],
    [['a', ''], ['', 'a']],
    [['1:a'], ['', ':a']],
    [['a'], ['a', '']],
    [['a:1:b'], ['a', 'b']],
  ])('tells %j and %j apart', (one, other) => {
    expect(factId(one)).not.toBe(factId(other));
  });
});
