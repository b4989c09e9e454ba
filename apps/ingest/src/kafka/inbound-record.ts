import { isUtf8 } from 'node:buffer';
import type { Envelope } from '@tidings/bus';
import { acceptEvent, type Acceptance } from '../accept/accept-event.js';
import { eventTooLarge } from '../accept/event-fault.js';
import { limits } from '../accept/limits.js';
import { isObject, Refusal } from '../accept/refusal.js';
import { binaryCloudEvent, structuredCloudEvent, type CloudEvent } from './cloud-event.js';
import { eventOfCloudEvent } from './event-of-cloud-event.js';

/** A record of the `inbound` topic. */
export type InboundRecord = Envelope<Buffer | null>;

/**
 * Decides about one record: JSON of the Segment specification, or a CloudEvent in binary or structured mode. Same
 * record, same answer but for the moment of receipt: an event without an id takes it from the record's place.
 */
export function acceptRecord(record: InboundRecord, workspace: string, now: Date): Acceptance {
  const { value } = record;
  if (value === null) return new Refusal('', 'has a null value');
  if (value.length > limits.eventBytes) return new Refusal('', eventTooLarge);
  if (!isUtf8(value)) return new Refusal('', 'is not valid UTF-8');
  const raw = eventIn(record, value);
  if (raw instanceof Refusal) return raw;
  return acceptEvent(raw, {
    workspace,
    source: 'kafka',
    mergesKnown: true,
    now,
    messageId: () => placeOf(record),
    otherwiseAt: record.timestamp,
  });
}

/** The timestamp is part of it, because offsets begin anew when a topic is made anew. */
const placeOf = ({ topic, partition, offset, timestamp }: InboundRecord): string =>
  `${topic}/${partition}/${offset}/${timestamp.getTime()}`;

function eventIn(record: InboundRecord, value: Buffer): unknown {
  const headers = lowerCased(record.headers);
  const contentType = headers['content-type'] ?? '';
  if (contentType.startsWith('application/cloudevents-batch')) return noBatch;
  if (headers['ce_specversion'] !== undefined)
    return unwrapped(binaryCloudEvent(headers, () => (value.length === 0 ? null : parsed(value))));
  const json = parsed(value);
  // Many producers of structured mode forget the content type; an event of ours has no `specversion`.
  const structured =
    contentType.startsWith('application/cloudevents') || (isObject(json) && typeof json['specversion'] === 'string');
  return structured ? unwrapped(structuredCloudEvent(json)) : json;
}

const noBatch = new Refusal('content-type', 'must not be a batch: Kafka carries one event per record');

const unwrapped = (event: CloudEvent | Refusal): unknown =>
  event instanceof Refusal ? event : eventOfCloudEvent(event);

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString()) as unknown;
  } catch {
    // The parser's only way to say that a text is not JSON, which is an answer, not a failure.
    return new Refusal('', 'is not valid JSON');
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
