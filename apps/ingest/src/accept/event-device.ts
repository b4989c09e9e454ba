import type { EventDevice } from '@tidings/contracts';
import { readId, readObject, readText } from './read-fields.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What a call's `context` says of the device it came from; a device without id and token is a description of a browser, of which we know nothing to keep. */
export function readDevice(context: JsonObject): EventDevice | null | Refusal {
  const device = readObject(context, 'device', 'context.device');
  if (device instanceof Refusal) return device;
  const said = saidOf(device);
  if (said instanceof Refusal) return said.within('context.device');
  const { id, type, token } = said;
  if (id === null) return token === null ? null : new Refusal('context.device.id', 'is required with a token');
  const appVersion = readAppVersion(context);
  if (appVersion instanceof Refusal) return appVersion;
  return { id, ...(type && { type }), ...(token && { token }), ...(appVersion && { appVersion }) };
}

type Said = { readonly [field in 'id' | 'type' | 'token']: string | null };

function saidOf(device: JsonObject): Said | Refusal {
  const id = readId(device, 'id');
  if (id instanceof Refusal) return id;
  const type = readText(device, 'type', 64);
  if (type instanceof Refusal) return type;
  const token = readText(device, 'token', 4096);
  return token instanceof Refusal ? token : { id, type, token };
}

function readAppVersion(context: JsonObject): string | null | Refusal {
  const app = readObject(context, 'app', 'context.app');
  return app instanceof Refusal ? app : readText(app, 'version', 64, 'context.app.version');
}
