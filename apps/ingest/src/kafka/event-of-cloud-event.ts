import { v5 as uuidV5 } from 'uuid';
import { isCallType } from '../accept/call-shape.js';
import { limits } from '../accept/limits.js';
import { isObject, Refusal, type JsonObject } from '../accept/refusal.js';
import type { CloudEvent } from './cloud-event.js';

const namespace = '7c5f4b0e-6a4e-4f0c-9a55-0a8f5a0e8f11';

/**
 * A CloudEvent as an event of the Segment specification, still to be accepted:
 * data that is such an event itself (`type` names a call and it says whose it is, or `subject` does) is taken as it is;
 * a `type` whose last part is `identify` makes data the traits; any other `type` is the name of a track event and data
 * its properties. `subject` is the user id, `time` the timestamp, `source` and `id` together the message id.
 */
export function eventOfCloudEvent(event: CloudEvent): JsonObject | Refusal {
  const { data, subject, anonymousId } = event;
  const said = { userId: subject, anonymousId, messageId: messageIdOf(event), timestamp: event.time };
  if (isObject(data) && isSegmentShaped(data)) return { ...defined(said), ...data };
  if (subject === null && anonymousId === null) return new Refusal('subject', 'is required: it is the user id');
  const bag = data ?? {};
  if (!isObject(bag)) return new Refusal('data', 'must be an object');
  if (/(^|\.)identify$/.test(event.type)) return { ...said, type: 'identify', traits: bag };
  return { ...said, type: 'track', event: event.type, properties: bag };
}

/** `type` alone is a likely name of a property too, so an event must also say something that only an event says. */
const isSegmentShaped = (data: JsonObject): boolean =>
  isCallType(data['type']) &&
  ['userId', 'anonymousId', 'event', 'traits', 'properties'].some((field) => data[field] !== undefined);

const defined = (said: Readonly<Record<string, string | null>>): JsonObject =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));

/** CloudEvents are the same when source and id are; a source is a URI, so no blank can be part of it. */
function messageIdOf({ source, id }: CloudEvent): string {
  const both = `${source} ${id}`;
  return both.length <= limits.idLength ? both : uuidV5(both, namespace);
}
