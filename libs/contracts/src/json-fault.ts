/** Names that would reach the prototype of whatever object they are copied to. */
const isForbidden = (key: string): boolean => key === '__proto__' || key === 'constructor';
const placeLength = 200;

interface Found {
  readonly message: string;
  /** From the value outwards: names are added on the way back up, so that good values pay nothing for them. */
  readonly place: string[];
}

interface Walk {
  readonly soundTexts: boolean;
  keys: number;
  /** UTF-16 units of all names and texts, for an estimate of the size. */
  units: number;
}

/** How deep a JSON value may be, how many names it may have in all, and how long each. */
export interface JsonBounds {
  readonly depth: number;
  readonly keys: number;
  readonly keyLength: number;
}

/** What every JSON value that people send us is held to, events first of all. */
export const jsonBounds: JsonBounds = { depth: 32, keys: 1_000, keyLength: 255 };

/** What was learnt of a value without fault: no JSON of it is longer than `atMostBytes`. */
export interface SoundJson {
  readonly kind: 'sound';
  readonly atMostBytes: number;
}

/** Where a value is at fault, as a path in it, and a sentence that goes behind the path. */
export interface JsonFault {
  readonly kind: 'fault';
  readonly place: string;
  readonly message: string;
}

/**
 * Looks through a parsed JSON value for what no store, template or consumer behind us should have to meet: nesting
 * or names without end, names that reach prototypes, texts that are not Unicode or hold NUL (Postgres takes neither),
 * numbers that are not finite. Takes time linear in the value, and stack only to the permitted depth. `soundTexts` spares
 * the look into each text where all are known to be Unicode without NUL.
 */
export function jsonFault(value: unknown, soundTexts = false): JsonFault | SoundJson {
  const walk: Walk = { soundTexts, keys: 0, units: 0 };
  const found = faultIn(value, 1, walk);
  // A UTF-16 unit is at most six bytes of JSON (an escape); 32 per name cover quotes, separators and a number.
  if (found === null) return { kind: 'sound', atMostBytes: walk.units * 6 + walk.keys * 32 + 32 };
  return { kind: 'fault', place: found.place.reverse().join('.').slice(0, placeLength), message: found.message };
}

function faultIn(value: unknown, depth: number, walk: Walk): Found | null {
  if (typeof value === 'string') return faultInText(value, walk);
  if (typeof value === 'number') return Number.isFinite(value) ? null : { message: 'is too large a number', place: [] };
  if (typeof value !== 'object' || value === null) return null;
  if (depth > jsonBounds.depth) return { message: `is nested deeper than ${jsonBounds.depth} levels`, place: [] };
  return Array.isArray(value)
    ? faultInList(value, depth, walk)
    : faultInObject(value as Record<string, unknown>, depth, walk);
}

function faultInText(text: string, walk: Walk): Found | null {
  walk.units += text.length;
  const message = walk.soundTexts ? null : textFault(text);
  return message === null ? null : { message, place: [] };
}

/** What Postgres and Kafka could not keep of a text, as a sentence that goes behind its place, or null. */
export function textFault(text: string): string | null {
  if (!text.isWellFormed()) return 'is not well-formed Unicode';
  return text.includes('\0') ? 'holds the character NUL' : null;
}

function faultInList(list: readonly unknown[], depth: number, walk: Walk): Found | null {
  walk.units += list.length * 5;
  for (let index = 0; index < list.length; index++) {
    const found = faultIn(list[index], depth + 1, walk);
    if (found) return at(found, String(index));
  }
  return null;
}

function faultInObject(object: Readonly<Record<string, unknown>>, depth: number, walk: Walk): Found | null {
  for (const key in object) {
    const found = faultInKey(key, walk) ?? faultIn(object[key], depth + 1, walk);
    if (found) return at(found, key);
  }
  return null;
}

function faultInKey(key: string, walk: Walk): Found | null {
  walk.keys++;
  if (walk.keys > jsonBounds.keys)
    return { message: `is one name too many: an event has at most ${jsonBounds.keys}`, place: [] };
  if (key.length > jsonBounds.keyLength)
    return { message: `is a name longer than ${jsonBounds.keyLength} characters`, place: [] };
  if (isForbidden(key)) return { message: 'is a name that is not allowed', place: [] };
  return faultInText(key, walk);
}

function at(found: Found, name: string): Found {
  found.place.push(name.toWellFormed().replaceAll('\0', ''));
  return found;
}
