import type { AcceptedEvent } from '@tidings/contracts';
import { v5 as uuidV5 } from 'uuid';
import { identityOfProfile } from '../accept/profile-id.js';
import { readId, required } from '../accept/read-fields.js';
import { isObject, Refusal } from '../accept/refusal.js';

/** What is known of a request to change a list besides its body. */
export interface ListContext {
  readonly workspace: string;
  readonly list: string;
  /** The same key is the same request. */
  readonly key: string;
  readonly now: Date;
}

/** So many profiles may be named in one request. */
const MAX_PROFILES = 1_000;
const namespace = '7f3c1c52-55f4-5d0b-9a53-0a8d2a0f3b77';

/** A request to put profiles on a list and take others off it as an event each, or the field at fault. */
export function listingEvents(body: unknown, context: ListContext): readonly AcceptedEvent[] | Refusal {
  if (!isObject(body)) return new Refusal('', 'must be a JSON object');
  const unknown = Object.keys(body).find((name) => name !== 'add' && name !== 'remove');
  if (unknown !== undefined) return new Refusal(unknown.slice(0, 100), 'is no field: there are add and remove');
  const add = idsOf(body['add'], 'add');
  if (add instanceof Refusal) return add;
  const remove = idsOf(body['remove'], 'remove');
  if (remove instanceof Refusal) return remove;
  const count = add.size + remove.size;
  if (count === 0 || count > MAX_PROFILES) return new Refusal('', `must name 1 to ${MAX_PROFILES} profiles in add and remove`);
  if ([...add].some((id) => remove.has(id))) return new Refusal('remove', 'names a profile that add names too');
  return [...[...add].map((id) => listingEvent(id, true, context)), ...[...remove].map((id) => listingEvent(id, false, context))];
}

function idsOf(list: unknown, field: string): Set<string> | Refusal {
  if (list === undefined) return new Set();
  if (!Array.isArray(list)) return new Refusal(field, 'must be a list of profile ids');
  if (list.length > MAX_PROFILES) return new Refusal(field, `must not name more than ${MAX_PROFILES} profiles`);
  const ids = new Set<string>();
  for (const [index, item] of list.entries()) {
    const place = `${field}[${index}]`;
    const id = required(readId({ id: item as unknown }, 'id'), place);
    if (id instanceof Refusal) return new Refusal(place, id.message);
    if (identityOfProfile(id).anonymousId === '' || !isSound(id)) return new Refusal(place, 'names no profile');
    ids.add(id);
  }
  return ids;
}

/** Unicode without NUL, as Postgres keeps it. */
const isSound = (id: string): boolean => id.isWellFormed() && !id.includes('\0');

function listingEvent(profileId: string, listed: boolean, { workspace, list, key, now }: ListContext): AcceptedEvent {
  const messageId = uuidV5([workspace, list, key, String(listed), profileId].join('\n'), namespace);
  return {
    v: 1, workspace, ...identityOfProfile(profileId), messageId, type: 'listing', name: list, properties: { listed }, traits: {}, context: {},
    timestamp: now.toISOString(), receivedAt: now.toISOString(), source: 'api',
  }; // prettier-ignore
}
