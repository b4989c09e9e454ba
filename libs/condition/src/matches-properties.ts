import type { PropertyCondition, Values } from '@tidings/contracts';
import { comparison } from './comparison.js';
import { valueAt } from './own-value.js';

/** What an event says does not change with time or place: its dates begin in UTC. */
const anywhere = { now: 0, timezone: null };

/** A test of an event's properties, made once: all conditions must hold; without any, every event passes. */
export function propertiesMatcher(where: readonly PropertyCondition[] | undefined): (properties: Values) => boolean {
  const tests = (where ?? []).map(({ property, ...given }) => {
    const read = valueAt(property);
    const holds = comparison(given);
    return (properties: Values) => holds(read(properties), anywhere);
  });
  return (properties) => tests.every((test) => test(properties));
}

/** Whether an event's properties meet all conditions; for conditions that are asked often, make a `propertiesMatcher` once. */
export function matchesProperties(where: readonly PropertyCondition[] | undefined, properties: Values): boolean {
  return propertiesMatcher(where)(properties);
}
