import type { Place, Values } from '@tidings/contracts';
import { getCountries, parsePhoneNumberFromString, validatePhoneNumberLength, type CountryCode } from 'libphonenumber-js/core';
// The smallest set of numbering plans: it knows every country's lengths and the pattern of its numbers. The larger ones also tell mobile
// from fixed, which nobody asks here, and refuse ranges that were opened after they were made.
import metadata from 'libphonenumber-js/min/metadata';

/** A phone number in E.164, or why it is none. Only its form is looked at, nobody is asked whether it is in service. */
export type ReadPhone =
  | { readonly kind: 'valid'; readonly e164: string }
  | { readonly kind: 'invalid'; readonly reason: PhoneFault };

/** Why a number cannot be called: `no-country` says that it is written as within a country, and nobody knows which. */
export type PhoneFault = 'not-a-text' | 'not-a-number' | 'no-country' | 'too-short' | 'too-long' | 'wrong-length' | 'unknown-range';

/**
 * Reads what somebody gave as a phone number, in any spelling. One without a country code is read as it is dialled in `country`, an
 * ISO 3166 code; one in E.164 is the same everywhere. An extension is left out.
 */
export function readPhone(given: unknown, country: CountryCode | null): ReadPhone {
  const text = typeof given === 'number' && Number.isSafeInteger(given) ? String(given) : given;
  if (typeof text !== 'string') return { kind: 'invalid', reason: 'not-a-text' };
  const options = { extract: false, ...(country !== null && { defaultCountry: country }) };
  const e164 = e164Of(text.trim(), options);
  // Some countries share a code, and what one takes for its own may be nobody's, or another's, once it is written with it.
  if (e164 !== null && (e164 === text || e164Of(e164, { extract: false }) === e164)) return { kind: 'valid', e164 };
  const fault = validatePhoneNumberLength(text.trim(), options, metadata);
  return { kind: 'invalid', reason: fault === undefined ? 'unknown-range' : faults[fault] };
}

interface Options {
  readonly extract: boolean;
  readonly defaultCountry?: CountryCode;
}

function e164Of(text: string, options: Options): string | null {
  const number = parsePhoneNumberFromString(text, options, metadata);
  return number?.isValid() === true ? number.number : null;
}

const faults: Readonly<Record<NonNullable<ReturnType<typeof validatePhoneNumberLength>>, PhoneFault>> = {
  INVALID_COUNTRY: 'no-country',
  NOT_A_NUMBER: 'not-a-number',
  TOO_SHORT: 'too-short',
  TOO_LONG: 'too-long',
  INVALID_LENGTH: 'wrong-length',
};

/** What of a profile says in which country they dial. */
export interface Dialling {
  readonly traits: Values;
  readonly locale: string | null;
  readonly place: Place | null;
}

/**
 * The country whose numbers a person writes without its code: what the traits `country` and `address.country` say, then the region of the
 * locale, and where they were last only when nothing else says it, since who travels keeps their number. Names of countries are none.
 */
export function countryOf({ traits, locale, place }: Dialling): CountryCode | null {
  const address = own(traits, 'address');
  const said = [own(traits, 'country'), isValues(address) ? own(address, 'country') : null, regionOf(locale), place?.area?.country];
  for (const each of said) {
    const country = countryNamed(each);
    if (country !== null) return country;
  }
  return null;
}

/** The country of an ISO 3166 code of two letters, in either case; null for anything else. */
export function countryNamed(code: unknown): CountryCode | null {
  if (typeof code !== 'string' || code.length !== 2) return null;
  return countries.get(code.toUpperCase()) ?? null;
}

const countries: ReadonlyMap<string, CountryCode> = new Map(getCountries(metadata).map((each) => [each, each]));

const regionOf = (locale: string | null): string | null =>
  /^[a-z]{2,3}(?:[-_][a-z]{4})?[-_]([a-z]{2})(?![a-z\d])/i.exec(locale ?? '')?.[1] ?? null;

const own = (values: Values, name: string): unknown => (Object.hasOwn(values, name) ? values[name] : undefined);

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
