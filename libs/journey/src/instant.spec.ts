import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instantOf } from './instant.js';

describe('an instant', () => {
  it.each([
    ['2026-03-02T12:00:00.000Z', '2026-03-02T12:00:00.000Z'],
    ['2026-03-02T12:00:00Z', '2026-03-02T12:00:00.000Z'],
    ['2026-03-02T12:00:00.123456Z', '2026-03-02T12:00:00.123Z'],
    ['2026-03-02T14:30:00.5+02:30', '2026-03-02T12:00:00.500Z'],
    ['2026-02-29T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2026-03-02T24:00:00.000Z', '2026-03-03T00:00:00.000Z'],
  ])('%s is written the one way that compares', (text, expected) => {
    expect(instantOf(text)).toBe(expected);
  });

  it('that is written so already stays as it is, and every other is read', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z') }),
        (date) => {
          expect(instantOf(date.toISOString())).toBe(date.toISOString());
        },
      ),
    );
    expect(() => instantOf('2026-13-02T12:00:00.000Z')).toThrow(RangeError);
    expect(() => instantOf('2026-03-02T12:00:60.000Z')).toThrow(RangeError);
  });
});
