import { propertiesMatcher } from '@tidings/condition';
import type { AcceptedEvent, PropertyCondition } from '@tidings/contracts';

const MAX_KEY_LENGTH = 255;

/** What an exit rule, an entry or a wait says of the event it means. */
export interface EventRule {
  readonly event: string;
  readonly where?: readonly PropertyCondition[];
  readonly sameKey?: string;
}

/** Whether an event is meant, for a run with this key. */
export type Hears = (event: AcceptedEvent, key: string | null) => boolean;

/** Events whose name is of something else: a journey, or a list. */
const named: ReadonlySet<AcceptedEvent['type']> = new Set<AcceptedEvent['type']>(['trigger', 'listing']);

/** The test of one rule. A `trigger` and a `listing` are never meant: their names are a journey's and a list's, not an event's. */
export function hears({ event: name, where, sameKey }: EventRule): Hears {
  const meets = propertiesMatcher(where);
  return (event, key) =>
    event.name === name &&
    !named.has(event.type) &&
    (sameKey === undefined || (key !== null && keyAt(event, sameKey) === key)) &&
    meets(event.properties);
}

/** The key an event carries at a path such as `properties.cart_id`; null when there is none that can tell runs apart. */
export function keyAt(event: AcceptedEvent, path: string): string | null {
  const found = path.split('.').reduce<unknown>(own, event);
  const text = typeof found === 'number' || typeof found === 'boolean' ? String(found) : found;
  return typeof text === 'string' && text !== '' && text.length <= MAX_KEY_LENGTH ? text : null;
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
