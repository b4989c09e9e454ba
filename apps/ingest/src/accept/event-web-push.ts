import type { EventWebPush, WebPushKeys } from '@tidings/contracts';
import { readFlag, readObject, readText, required } from './read-fields.js';
import { Refusal, type JsonObject } from './refusal.js';

/** An uncompressed point of P-256 and 16 bytes, in base64url: what RFC 8291 has and every browser gives. */
const keyForms = { p256dh: /^B[\w-]{86}=?$/, auth: /^[\w-]{22}(?:==)?$/ } as const;
/** The last moment that a Date can hold. */
const MAX_MS = 8.64e15;

/** What a call's `context` says of a subscription to web push, as `PushSubscription.toJSON()` gives it; null when that is nothing. */
export function readWebPush(context: JsonObject): EventWebPush | null | Refusal {
  if (context['webPush'] === undefined || context['webPush'] === null) return null;
  const subscription = readObject(context, 'webPush', 'context.webPush');
  if (subscription instanceof Refusal) return subscription;
  const said = saidOf(subscription);
  return said instanceof Refusal ? said.within('context.webPush') : said;
}

function saidOf(subscription: JsonObject): EventWebPush | Refusal {
  const endpoint = readEndpoint(subscription);
  if (endpoint instanceof Refusal) return endpoint;
  const removed = readFlag(subscription, 'removed');
  if (removed instanceof Refusal) return removed;
  if (removed) return { endpoint, removed };
  const expiresAt = readExpiry(subscription);
  if (expiresAt instanceof Refusal) return expiresAt;
  const keys = readKeys(subscription);
  return keys instanceof Refusal ? keys : { endpoint, keys, ...(expiresAt !== null && { expiresAt }) };
}

function readEndpoint(subscription: JsonObject): string | Refusal {
  const endpoint = required(readText(subscription, 'endpoint', 2048), 'endpoint');
  if (endpoint instanceof Refusal) return endpoint;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  const isUsable = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isUsable ? endpoint : new Refusal('endpoint', 'must be an https URL');
}

function readExpiry({ expirationTime: at }: JsonObject): string | null | Refusal {
  if (at === undefined || at === null) return null;
  const isInstant = typeof at === 'number' && at >= 0 && at <= MAX_MS;
  return isInstant ? new Date(at).toISOString() : new Refusal('expirationTime', 'must be an instant in milliseconds, or null');
}

function readKeys(subscription: JsonObject): WebPushKeys | Refusal {
  const keys = readObject(subscription, 'keys');
  if (keys instanceof Refusal) return keys;
  const p256dh = readKey(keys, 'p256dh');
  if (p256dh instanceof Refusal) return p256dh;
  const auth = readKey(keys, 'auth');
  return auth instanceof Refusal ? auth : { p256dh, auth };
}

function readKey(keys: JsonObject, name: keyof typeof keyForms): string | Refusal {
  const key = keys[name];
  if (typeof key === 'string' && keyForms[name].test(key)) return key;
  return new Refusal(`keys.${name}`, 'must be the key as PushSubscription.toJSON() gives it');
}
