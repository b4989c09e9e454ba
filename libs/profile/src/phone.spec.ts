import { describe, expect, it } from '@jest/globals';
import type { Place } from '@tidings/contracts';
import fc from 'fast-check';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { countryNamed, countryOf, readPhone, type Dialling } from './phone.js';

const read = (given: unknown, country: string | null = null): string => {
  const phone = readPhone(given, countryNamed(country));
  return phone.kind === 'valid' ? phone.e164 : phone.reason;
};

describe('a phone number', () => {
  it.each<[string, unknown, string | null, string]>([
    ['in E.164 is itself', '+436601234567', null, '+436601234567'],
    ['may have blanks, dots, dashes and brackets', ' +1 (212) 555-01.23 ', null, '+12125550123'],
    ['is the same in whatever country it is read', '+43 660 1234567', 'US', '+436601234567'],
    ['without country code is dialled at home', '0660 1234567', 'AT', '+436601234567'],
    ['may be dialled with the exit code of home', '00436601234567', 'AT', '+436601234567'],
    ['keeps the zero that Italy dials', '06 6982', 'IT', '+39066982'],
    ['loses what Argentina dials only at home', '+54 11 15 1234 5678', null, '+5491112345678'],
    ['may be a whole number', 436601234567, 'AT', '+436601234567'],
    ['leaves out an extension', '+43 660 1234567 ext. 12', null, '+436601234567'],
    ['of no country is not to be dialled', '+999 123456', null, 'no-country'],
    ['without country code needs a country', '0660 1234567', null, 'no-country'],
    ['is not a name', 'ask Ann', 'AT', 'not-a-number'],
    ['does not stand in a sentence', 'call 0660 1234567', 'AT', 'not-a-number'],
    ['may be too short', '+43 66', null, 'too-short'],
    ['may be too long', '+43 660 1234567890123', null, 'too-long'],
    ['is not longer than anybody reads', '1'.repeat(60_000), 'AT', 'too-long'],
    ['may be of a range that nobody has', '+1 012 555 0123', null, 'unknown-range'],
    ['is no list', ['+436601234567'], null, 'not-a-text'],
    ['is no fraction', 4366.5, 'AT', 'not-a-text'],
    ['is no empty text', '', 'AT', 'not-a-number'],
  ])('%s', (_sentence, given, country, expected) => {
    expect(read(given, country)).toBe(expected);
  });

  it('that was read once is read as the same again, wherever', () => {
    const country = fc.constantFrom(...getCountries(metadata));
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 12 }).map((list) => list.join(''));
    const spelling = fc.tuple(country, digits, fc.boolean()).map(([home, rest, isWhole]) => ({
      home,
      text: isWhole ? `+${getCountryCallingCode(home, metadata)} ${rest}` : rest,
    }));
    let valid = 0;
    fc.assert(
      fc.property(spelling, country, ({ home, text }, elsewhere) => {
        const phone = readPhone(text, home);
        if (phone.kind === 'invalid') return;
        valid += 1;
        expect(phone.e164).toMatch(/^\+[1-9]\d{4,14}$/);
        expect([readPhone(phone.e164, null), readPhone(phone.e164, elsewhere)]).toEqual([phone, phone]);
      }),
      { numRuns: 3_000 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  it('is read from anything without a fault', () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), (given) => void readPhone(given, 'AT')));
  });
});

describe('the country somebody dials in', () => {
  const at = '2026-03-02T12:00:00.000Z';
  const place = (country: string): Place => ({ area: { country, at } });
  const nobody: Dialling = { traits: {}, locale: null, place: null };
  it.each<[string, Partial<Dialling>, string | null]>([
    ['is what a trait says', { traits: { country: 'at', address: { country: 'DE' } }, locale: 'en-US', place: place('PT') }, 'AT'],
    ['is that of the address', { traits: { address: { country: 'DE' } }, locale: 'en-US', place: place('PT') }, 'DE'],
    ['is the region of the locale before where they were last', { locale: 'en-US', place: place('PT') }, 'US'],
    ['is where they were last when nothing else is known', { locale: 'en', place: place('PT') }, 'PT'],
    ['is behind the script of a locale', { locale: 'zh_Hant_TW' }, 'TW'],
    ['is no extension of a locale', { locale: 'en-u-ca-gregory' }, null],
    ['is no name', { traits: { country: 'Austria' } }, null],
    ['is none that does not exist', { traits: { country: 'XX' }, locale: 'de-XY' }, null],
    ['is nothing that every object has', { traits: JSON.parse('{"__proto__":{"country":"AT"},"address":null}') as Dialling['traits'] }, null],
    ['is not known', {}, null],
  ])('%s', (_sentence, said, expected) => {
    expect(countryOf({ ...nobody, ...said })).toBe(expected);
  });
});
