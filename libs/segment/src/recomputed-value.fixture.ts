import { propertiesMatcher, valueAt, type Person } from '@tidings/condition';
import { durationMs, type ComputedTraitDefinition, type ComputedValue } from '@tidings/contracts';
import { DateTime, IANAZone } from 'luxon';
import type { Occurrence } from './index.js';
import { recomputedTold } from './recomputed-told.fixture.js';
import { inWindow, withTheirStep } from './recomputed-window.fixture.js';

const DAY = 86_400_000;

/** What the definition of a computed trait says about a history, worked out the slow way; shares nothing with the stream. */
export function recomputedValue(
  trait: ComputedTraitDefinition,
  history: readonly Occurrence[],
  person: Person,
  now: number,
): ComputedValue | undefined {
  const all = history.filter(
    ({ heard, name, properties }) =>
      heard === 'performed' && name === trait.performed && propertiesMatcher(trait.where)(properties),
  );
  const told = recomputedTold(trait, all, now);
  return told === null ? amountOf(trait, all, person, now) : told;
}

function amountOf(trait: ComputedTraitDefinition, all: readonly Occurrence[], { timezone }: Person, now: number): number | undefined {
  const windowMs = trait.withinLast === undefined ? null : durationMs(trait.withinLast);
  if (trait.streak !== undefined) return streakOf(all, trait.freezeDays ?? 0, DateTime.fromMillis(now, zoneOf(timezone)));
  if (trait.daysSince !== undefined) {
    const last = Math.max(...all.map(({ at }) => at));
    return all.length === 0 || now >= last + (windowMs ?? Infinity) ? undefined : Math.max(0, Math.floor((now - last) / DAY));
  }
  const meant = meantBy(trait, all, now);
  if (trait.count === true) return meant.length;
  const read = (path: string) => meant.map(({ properties }) => valueAt(path)(properties));
  if (trait.distinct !== undefined)
    return new Set(read(trait.distinct).filter((value) => value !== null && typeof value !== 'object')).size;
  return numberOf(trait, (path) => read(path).filter((value) => typeof value === 'number'));
}

/** What is in the window; of numbers, what tells one. */
function meantBy(trait: ComputedTraitDefinition, all: readonly Occurrence[], now: number): readonly Occurrence[] {
  const windowMs = trait.withinLast === undefined ? null : durationMs(trait.withinLast);
  if (trait.distinct !== undefined) return inWindow(all, windowMs, now);
  const read = valueAt(propertyOf(trait));
  const told = trait.count === true ? all : all.filter(({ properties }) => typeof read(properties) === 'number');
  return withTheirStep(told, windowMs, now);
}

const propertyOf = ({ sum, average, minimum, maximum }: ComputedTraitDefinition): string => sum ?? average ?? minimum ?? maximum ?? '';

function numberOf(trait: ComputedTraitDefinition, read: (path: string) => readonly number[]): number | undefined {
  const { sum, average, minimum } = trait;
  const numbers = read(propertyOf(trait));
  // Tenths are whole numbers.
  const total = numbers.reduce((added, value) => added + Math.round(value * 10), 0) / 10;
  if (sum !== undefined) return total;
  if (numbers.length === 0) return undefined;
  if (average !== undefined) return total / numbers.length;
  return minimum === undefined ? Math.max(...numbers) : Math.min(...numbers);
}

const zoneOf = (timezone: string | null) => ({
  zone: timezone !== null && IANAZone.isValidZone(timezone) ? timezone : 'utc',
});

/** Day by day back from today, by the names that days have where the person lives. */
function streakOf(all: readonly Occurrence[], freezeDays: number, now: DateTime): number {
  const done = new Set(all.map(({ at }) => DateTime.fromMillis(at, { zone: now.zone }).toISODate()));
  let length = 0;
  let missed = 0;
  for (let ago = 0; missed <= freezeDays; ago++) {
    if (done.has(now.minus({ days: ago }).toISODate())) length += 1;
    else if (ago > 0) missed += 1;
  }
  return length;
}
