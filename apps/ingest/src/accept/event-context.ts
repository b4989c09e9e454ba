import type { EventContext, EventDevice } from '@tidings/contracts';
import { limits } from './limits.js';
import { readId, readObject, readText } from './read-fields.js';
import { isObject, Refusal, type JsonObject } from './refusal.js';

const empty: EventContext = {};

/** The part of a call's `context` that Tidings acts on, in our shape; everything else in it is left behind. */
export function eventContext(context: JsonObject): EventContext | Refusal {
  const device = readDevice(context);
  if (device instanceof Refusal) return device;
  const timezone = readText(context, 'timezone', 64, 'context.timezone');
  if (timezone instanceof Refusal) return timezone;
  const locale = readText(context, 'locale', 35, 'context.locale');
  if (locale instanceof Refusal) return locale;
  const consent = readConsent(context);
  if (consent instanceof Refusal) return consent;
  return assembled({ device, timezone, locale, consent });
}

type Parts = { readonly [part in keyof EventContext]-?: EventContext[part] | null };

function assembled({ device, timezone, locale, consent }: Parts): EventContext {
  if (!device && !timezone && !locale && !consent) return empty;
  return {
    ...(device && { device }),
    ...(timezone && { timezone }),
    ...(locale && { locale }),
    ...(consent && { consent }),
  };
}

/** A device without id and token is a description of a browser, of which we know nothing to keep. */
function readDevice(context: JsonObject): EventDevice | null | Refusal {
  const device = readObject(context, 'device', 'context.device');
  if (device instanceof Refusal) return device;
  const id = readId(device, 'id');
  if (id instanceof Refusal) return id.within('context.device');
  const type = readText(device, 'type', 64);
  if (type instanceof Refusal) return type.within('context.device');
  const token = readText(device, 'token', 4096);
  if (token instanceof Refusal) return token.within('context.device');
  if (id === null) return token === null ? null : new Refusal('context.device.id', 'is required with a token');
  return { id, ...(type && { type }), ...(token && { token }) };
}

function readConsent(context: JsonObject): Record<string, boolean> | null | Refusal {
  const place = 'context.consent.categoryPreferences';
  const consent = readObject(context, 'consent', 'context.consent');
  if (consent instanceof Refusal) return consent;
  const preferences = consent['categoryPreferences'];
  if (preferences === undefined || preferences === null) return null;
  if (!isObject(preferences)) return new Refusal(place, 'must be an object');
  for (const [category, agreed] of Object.entries(preferences)) {
    if (typeof agreed !== 'boolean')
      return new Refusal(`${place}.${category}`.slice(0, limits.idLength), 'must be true or false');
  }
  return preferences as Record<string, boolean>;
}
