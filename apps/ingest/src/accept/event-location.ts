import type { EventLocation } from '@tidings/contracts';
import { readObject, readText } from './read-fields.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What a call's `context` says of where the person is; null when that is nothing. An IP address is not looked up. */
export function readLocation(context: JsonObject): EventLocation | null | Refusal {
  const location = readObject(context, 'location', 'context.location');
  if (location instanceof Refusal) return location;
  const point = readPoint(location);
  if (point instanceof Refusal) return point.within('context.location');
  const names = readNames(location);
  if (names instanceof Refusal) return names.within('context.location');
  const said = { ...point, ...names };
  return Object.keys(said).length === 0 ? null : said;
}

type Point = Pick<EventLocation, 'latitude' | 'longitude'>;

function readPoint(location: JsonObject): Point | Refusal {
  const latitude = readDegrees(location, 'latitude', 90);
  if (latitude instanceof Refusal) return latitude;
  const longitude = readDegrees(location, 'longitude', 180);
  if (longitude instanceof Refusal) return longitude;
  if (latitude !== null && longitude !== null) return { latitude, longitude };
  if (latitude === longitude) return {};
  return new Refusal(latitude === null ? 'latitude' : 'longitude', 'is required with the other');
}

function readDegrees(location: JsonObject, field: 'latitude' | 'longitude', most: number): number | null | Refusal {
  const value = location[field];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Math.abs(value) <= most) return value;
  return new Refusal(field, `must be a number from -${most} to ${most}`);
}

function readNames(location: JsonObject): Omit<EventLocation, keyof Point> | Refusal {
  const said: Record<string, string> = {};
  for (const name of ['country', 'region', 'city']) {
    const text = readText(location, name, 128);
    if (text instanceof Refusal) return text;
    if (text !== null) said[name] = text;
  }
  return said;
}
