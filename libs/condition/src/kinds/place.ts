import type { PlaceCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { isWithin } from '../distance.js';

/** The person was last where all of it says. */
export function place({ place: { country, region, city, within } }: PlaceCondition): Matches {
  const [isCountry, isRegion, isCity] = [named(country), named(region), named(city)];
  return ({ person }) => {
    const { point, area = unknown } = person.place ?? {};
    const isThere = within === undefined || (point !== undefined && isWithin(within, point));
    return isThere && isCountry(area.country) && isRegion(area.region) && isCity(area.city);
  };
}

const unknown: { readonly [name in 'country' | 'region' | 'city']?: string } = {};

/** One of the names, upper and lower case alike; what nobody said is none of them. */
function named(wanted: string | readonly string[] | undefined): (name: string | undefined) => boolean {
  if (wanted === undefined) return () => true;
  const names = new Set([wanted].flat().map((name) => name.toLowerCase()));
  return (name) => name !== undefined && names.has(name.toLowerCase());
}
