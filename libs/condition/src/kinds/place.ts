import type { PlaceCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { crossingQuestion } from '../crossing-question.js';
import { isWithin } from '../distance.js';

/** The person was last where all of it says, or crossed the border recently enough. */
export function place(condition: PlaceCondition): Matches {
  const question = crossingQuestion(condition);
  if (question === null) return isThere(condition);
  const { key, lastMs } = question;
  return ({ done, now }) => {
    const crossedAt = done.completedAt(key);
    return crossedAt !== null && now < crossedAt + lastMs;
  };
}

function isThere({ place: { country, region, city, within } }: PlaceCondition): Matches {
  const [isCountry, isRegion, isCity] = [named(country), named(region), named(city)];
  return ({ person }) => {
    const { point, area = unknown } = person.place ?? {};
    const isNear = within === undefined || (point !== undefined && isWithin(within, point));
    return isNear && isCountry(area.country) && isRegion(area.region) && isCity(area.city);
  };
}

const unknown: { readonly [name in 'country' | 'region' | 'city']?: string } = {};

/** One of the names, upper and lower case alike; what nobody said is none of them. */
function named(wanted: string | readonly string[] | undefined): (name: string | undefined) => boolean {
  if (wanted === undefined) return () => true;
  const names = new Set([wanted].flat().map((name) => name.toLowerCase()));
  return (name) => name !== undefined && names.has(name.toLowerCase());
}
