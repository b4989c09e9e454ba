import type { EventContext } from '@tidings/contracts';
import { readDevice } from './event-device.js';
import { limits } from './limits.js';
import { readObject, readText } from './read-fields.js';
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
