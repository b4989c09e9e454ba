import { propertiesMatcher, valueAt, type Person } from '@tidings/condition';
import { durationMs, type ComputedTraitDefinition, type ComputedValue } from '@tidings/contracts';
import { DateTime, IANAZone } from 'luxon';
import type { Occurrence } from './index.js';

const DAY = 86_400_000;

/** How finely a window moves. */
const stepOf = (windowMs: number): number => (windowMs <= DAY ? 60_000 : windowMs <= 90 * DAY ? 3_600_000 : DAY);

/** What the definition of a computed trait says about a history, worked out the slow way; shares nothing with the stream. */
export function recomputedValue(
  trait: ComputedTraitDefinition,
  history: readonly Occurrence[],
  { timezone }: Person,
  now: number,
): ComputedValue | undefined {
  const all = history.filter(
    ({ heard, name, properties }) =>
      heard === 'performed' && name === trait.performed && propertiesMatcher(trait.where)(properties),
  );
  const windowMs = trait.withinLast === undefined ? Infinity : durationMs(trait.withinLast);
  if (trait.streak !== undefined) return streakOf(all, trait.freezeDays ?? 0, DateTime.fromMillis(now, zoneOf(timezone)));
  if (trait.daysSince !== undefined) {
    const last = Math.max(...all.map(({ at }) => at));
    return all.length === 0 || now >= last + windowMs ? undefined : Math.max(0, Math.floor((now - last) / DAY));
  }
  const step = stepOf(windowMs);
  const inWindow = all.filter(({ at }) => windowMs === Infinity || (Math.floor(at / step) + 1) * step + windowMs > now);
  if (trait.count === true) return inWindow.length;
  const read = (path: string) => inWindow.map(({ properties }) => valueAt(path)(properties));
  if (trait.distinct !== undefined)
    return new Set(read(trait.distinct).filter((value) => value !== null && typeof value !== 'object')).size;
  return numberOf(trait, (path) => read(path).filter((value) => typeof value === 'number'));
}

function numberOf(
  { sum, average, minimum, maximum }: ComputedTraitDefinition,
  read: (path: string) => readonly number[],
): number | undefined {
  const numbers = read(sum ?? average ?? minimum ?? maximum ?? '');
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
