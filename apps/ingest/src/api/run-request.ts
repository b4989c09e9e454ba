import type { AcceptedEvent, JourneyDefinition } from '@tidings/contracts';
import { eventFault } from '../accept/event-fault.js';
import { identityOfProfile } from '../accept/profile-id.js';
import { readId, readObject, required } from '../accept/read-fields.js';
import { isObject, Refusal, type JsonObject } from '../accept/refusal.js';

/** What is known of a request to run a journey besides its body. */
export interface RunContext {
  readonly workspace: string;
  readonly journey: JourneyDefinition;
  readonly messageId: string;
  readonly now: Date;
}

/**
 * A request to run a journey as an event of type `trigger`, or the field at fault. `data` becomes the event's properties;
 * `key` is put where the journey looks for its key, which in a journey with a key must have a value one way or the other.
 */
export function triggerEvent(
  body: unknown,
  { workspace, journey, messageId, now }: RunContext,
): AcceptedEvent | Refusal {
  if (!isObject(body)) return new Refusal('', 'must be a JSON object');
  const fault = eventFault(body);
  if (fault) return fault;
  const profileId = required(readId(body, 'profileId'), 'profileId');
  if (profileId instanceof Refusal) return profileId;
  const identity = identityOfProfile(profileId);
  if (identity.anonymousId === '') return new Refusal('profileId', 'names no profile');
  const bags = bagsOf(body, journey);
  if (bags instanceof Refusal) return bags;
  return {
    v: 1, workspace, ...identity, messageId, type: 'trigger', name: journey.id, ...bags, context: {},
    timestamp: now.toISOString(), receivedAt: now.toISOString(), source: 'api',
  }; // prettier-ignore
}

interface Bags {
  readonly properties: JsonObject;
  readonly traits: JsonObject;
}

function bagsOf(body: JsonObject, journey: JourneyDefinition): Bags | Refusal {
  const data = readObject(body, 'data');
  if (data instanceof Refusal) return data;
  const key = readId(body, 'key');
  if (key instanceof Refusal) return key;
  const bags = { properties: data, traits: {} };
  if (journey.key === undefined)
    return key === null ? bags : new Refusal('key', `is not used: the journey ${journey.id} has no key`);
  const path = journey.key.split('.');
  if (key !== null) return put(bags, path, key) as Bags;
  return isKey(valueAt(bags, path))
    ? bags
    : new Refusal('key', `is required: the journey ${journey.id} runs once per ${journey.key}`);
}

const isKey = (value: unknown): boolean => (typeof value === 'string' && value !== '') || typeof value === 'number';

function valueAt(from: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return from;
  return isObject(from) && Object.hasOwn(from, name) ? valueAt(from[name], rest) : undefined;
}

/** A copy in which the value stands at the path. */
function put(into: unknown, [name, ...rest]: readonly string[], value: string): unknown {
  if (name === undefined) return value;
  const object = isObject(into) ? into : {};
  return { ...object, [name]: put(object[name], rest, value) };
}
