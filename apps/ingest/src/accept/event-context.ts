import type { EventContext } from '@tidings/contracts';
import { readChat } from './event-chat.js';
import { readDevice } from './event-device.js';
import { readLocation } from './event-location.js';
import { readWebPush } from './event-web-push.js';
import { limits } from './limits.js';
import { readObject, readText } from './read-fields.js';
import { isObject, Refusal, type JsonObject } from './refusal.js';

const empty: EventContext = {};

/** What each part is made of; null where the call does not say it. */
const readers: {
  readonly [part in keyof EventContext]-?: (context: JsonObject) => EventContext[part] | null | Refusal;
} = {
  device: readDevice,
  location: readLocation,
  webPush: readWebPush,
  chat: readChat,
  timezone: (context) => readText(context, 'timezone', 64, 'context.timezone'),
  locale: (context) => readText(context, 'locale', 35, 'context.locale'),
  consent: readConsent,
};
const parts = Object.entries(readers);

/** The part of a call's `context` that Tidings acts on, in our shape; everything else in it is left behind. */
export function eventContext(context: JsonObject): EventContext | Refusal {
  let kept = empty;
  for (const [part, read] of parts) {
    const value = read(context);
    if (value instanceof Refusal) return value;
    if (value !== null) kept = { ...kept, [part]: value };
  }
  return kept;
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
