import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Format } from 'typebox/format';
import { speedUpInstants, withoutOpenPatterns } from './fast-schema.js';

const original = Format.IsDateTime;
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });

describe('the fast check of instants', () => {
  const instant = Compile(Type.String({ format: 'date-time' }));
  speedUpInstants();

  it('accepts what Date writes', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }), (date) =>
        instant.Check(date.toISOString()),
      ),
    );
  });

  it('agrees with TypeBox on every text that looks like an instant', () => {
    const parts = fc.tuple(
      digits(4),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      digits(3),
      fc.constantFrom('Z', 'z', '', '+01:00'),
    );
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second, ms, zone]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${zone}`;
        return instant.Check(text) === original(text);
      }),
    );
    for (const text of [
      '2026-02-29T00:00:00.000Z',
      '2024-02-29T00:00:00.000Z',
      '2026-12-31T23:59:60.000Z',
      '2026-01-01',
      '',
    ]) {
      expect([text, instant.Check(text)]).toEqual([text, original(text)]);
    }
  });
});

describe('schemas without open patterns', () => {
  const open = Type.Record(Type.String(), Type.Unknown());
  const schema = Type.Object({
    always: open,
    sometimes: Type.Optional(open),
    flags: Type.Record(Type.String(), Type.Boolean()),
  });
  const [before, after] = [Compile(schema), Compile(withoutOpenPatterns(schema))];

  it.each([
    [{ always: {}, flags: {} }],
    [{ always: { a: [1], b: null }, sometimes: { c: 1 }, flags: { d: true } }],
    [{ always: [], flags: {} }],
    [{ always: null, flags: {} }],
    [{ flags: {} }],
    [{ always: {}, sometimes: 'x', flags: {} }],
    [{ always: {}, flags: { d: 'yes' } }],
  ])('accept and refuse the same: %j', (value) => {
    expect(after.Check(value)).toBe(before.Check(value));
  });
});
