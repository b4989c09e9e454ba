import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseInstant } from './event-time.js';

describe('parseInstant', () => {
  it('reads what Date writes', () => {
    const instants = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(instants, (ms) => parseInstant(new Date(ms).toISOString()) === ms),
      { numRuns: 5_000 },
    );
  });

  it.each([
    '2026-02-29T00:00:00.000Z',
    '2024-02-29T23:59:59.999Z',
    '2026-01-31T24:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
  ])('takes %s for what Date takes it for', (text) => expect(parseInstant(text)).toBe(Date.parse(text)));
});
