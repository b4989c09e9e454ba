import { limits } from './limits.js';
import { isObject, Refusal, type JsonObject } from './refusal.js';

/** A text field: null when it is absent, null or empty. */
export function readText(from: JsonObject, field: string, maxLength: number, place = field): string | null | Refusal {
  const value = from[field];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return new Refusal(place, 'must be a text');
  return value.length <= maxLength ? value : new Refusal(place, `is longer than ${maxLength} characters`);
}

/** An id: a text, or a whole number, which becomes one; null when it is absent, null or empty. */
export function readId(from: JsonObject, field: string, maxLength: number = limits.idLength): string | null | Refusal {
  const value = from[field];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return readText(from, field, maxLength);
}

/** The same for a text or id that must be there. */
export function required(value: string | null | Refusal, field: string): string | Refusal {
  return value ?? new Refusal(field, 'is required');
}

const none: JsonObject = {};

/** An object field: empty when it is absent or null. */
export function readObject(from: JsonObject, field: string, place = field): JsonObject | Refusal {
  const value = from[field];
  if (value === undefined || value === null) return none;
  return isObject(value) ? value : new Refusal(place, 'must be an object');
}

/** A yes or no: no when it is absent or null. */
export function readFlag(from: JsonObject, field: string): boolean | Refusal {
  const value = from[field];
  if (value === undefined || value === null) return false;
  return typeof value === 'boolean' ? value : new Refusal(field, 'must be true or false');
}
