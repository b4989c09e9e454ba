import { describe, expect, it } from '@jest/globals';
import { placeOf, reasonOf, withoutValues } from './reason.js';

describe('reasons', () => {
  it.each([
    [
      'keeps what names code',
      `Cannot read properties of undefined (reading 'plan')`,
      `Cannot read properties of undefined (reading 'plan')`,
    ],
    [
      'leaves out quoted values',
      'invalid input syntax for type integer: "Ada Lovelace"',
      'invalid input syntax for type integer: [...]',
    ],
    [
      'leaves out what a parser quotes',
      `Unexpected token 'A', "Ada Lovelace" is not valid`,
      `Unexpected token 'A', [...] is not valid`,
    ],
    [
      'keeps the names of our tables',
      'null value in column "email" of relation "profile"',
      'null value in column email of relation profile',
    ],
    ['leaves out addresses', 'no mailbox ada@example.com here', 'no mailbox [...] here'],
    ['leaves out JSON', 'cannot use {"name":"Ada"} now', 'cannot use [...] now'],
    ['leaves out long numbers', 'number +49 30 1234567 is bad', 'number [...] is bad'],
    ['keeps small numbers', 'step 12 of 30', 'step 12 of 30'],
  ])('%s', (_sentence, text, expected) => {
    expect(withoutValues(text)).toBe(expected);
  });

  it('names the class and says where it was thrown', () => {
    const error = new RangeError('out of bounds');
    expect(reasonOf(error)).toEqual({ reason: 'out of bounds', errorClass: 'RangeError' });
    expect(placeOf(error)).toContain('reason.spec.ts');
    expect(reasonOf('text').errorClass).toBe('string');
  });
});
