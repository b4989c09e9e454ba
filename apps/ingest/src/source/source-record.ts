import { isUtf8 } from 'node:buffer';
import type { SourceRecord } from '@tidings/mapping';
import { isObject, Refusal } from '../accept/refusal.js';
import { binaryCloudEvent, structuredCloudEvent, type CloudEvent } from '../kafka/cloud-event.js';

/** A record of a source as it came, through whichever door. */
export interface RawRecord {
  readonly value: Buffer | null;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: Date;
}

/** A record larger than this does not fit into a dead letter either. */
export const sourceRecordBytes = 1_000_000;

/** Reads a record: JSON of any shape, or a CloudEvent in either mode, whose data is then what is mapped. */
export function sourceRecord({ value, key, headers, at }: RawRecord): SourceRecord | Refusal {
  if (value === null) return new Refusal('', 'has a null value');
  if (value.length > sourceRecordBytes) return new Refusal('', `is larger than ${sourceRecordBytes} bytes`);
  if (!isUtf8(value)) return new Refusal('', 'is not valid UTF-8');
  const named = attributeHeaders(headers);
  const json = value.length === 0 && named['ce_specversion'] !== undefined ? null : parsed(value);
  if (json instanceof Refusal) return json;
  const record = { data: json, cloudEvent: null, key, headers, at: at.toISOString() };
  const event = cloudEventIn(named, json);
  if (event === null) return record;
  if (event instanceof Refusal) return event;
  const { data, ...attributes } = event;
  return { ...record, data, cloudEvent: attributes };
}

function cloudEventIn(headers: Readonly<Record<string, string>>, json: unknown): CloudEvent | Refusal | null {
  if (headers['ce_specversion'] !== undefined) return binaryCloudEvent(headers, () => json);
  const said = (headers['content-type'] ?? '').startsWith('application/cloudevents');
  if (said && Array.isArray(json)) return new Refusal('content-type', 'must not be a batch: send one event at a time');
  return said || (isObject(json) && typeof json['specversion'] === 'string') ? structuredCloudEvent(json) : null;
}

/** Names in lower case, and attributes as Kafka names them: HTTP writes `ce-id` for `ce_id`. */
function attributeHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase().replace(/^ce-/, 'ce_'), value]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString()) as unknown;
  } catch {
    // The parser's only way to say that a text is not JSON, which is an answer, not a failure.
    return new Refusal('', 'is not valid JSON');
  }
}
