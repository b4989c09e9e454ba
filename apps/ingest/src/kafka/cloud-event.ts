import { isObject, Refusal, type JsonObject } from '../accept/refusal.js';

/** The attributes of a CloudEvent 1.0 that mean something to us, and its data as JSON. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  /** The extension attribute `anonymousid`. */
  readonly anonymousId: string | null;
  readonly data: unknown;
}

/** Reads binary mode: attributes in `ce_` headers, data in the value. The headers' names are in lower case. */
export function binaryCloudEvent(headers: Readonly<Record<string, string>>, data: () => unknown): CloudEvent | Refusal {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce_')) attributes[name.slice(3)] = value;
  }
  const event = withAttributes(attributes, 'ce_');
  if (event instanceof Refusal) return event;
  const contentType = headers['content-type'];
  if (contentType !== undefined && !isJson(contentType)) return new Refusal('content-type', 'must be JSON');
  const json = data();
  return json instanceof Refusal ? json.within('data') : { ...event, data: json };
}

/** Reads structured mode: everything in one JSON object. */
export function structuredCloudEvent(json: unknown): CloudEvent | Refusal {
  if (json instanceof Refusal) return json;
  if (!isObject(json)) return new Refusal('', 'must be a JSON object');
  if (json['data_base64'] !== undefined) return new Refusal('data_base64', 'is not supported: send data as JSON');
  const contentType = json['datacontenttype'];
  if (typeof contentType === 'string' && !isJson(contentType)) return new Refusal('datacontenttype', 'must be JSON');
  const event = withAttributes(json, '');
  return event instanceof Refusal ? event : { ...event, data: json['data'] };
}

const isJson = (contentType: string): boolean => /^[a-z]+\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(contentType.trim());

type Attributes = Omit<CloudEvent, 'data'>;

function withAttributes(from: JsonObject, prefix: string): Attributes | Refusal {
  if (from['specversion'] !== '1.0') return new Refusal(`${prefix}specversion`, 'must be 1.0');
  const fault = attributeNames.map((name) => attributeFault(name, from[name] ?? null)).find((found) => found !== null);
  if (fault) return new Refusal(prefix + fault.field, fault.message);
  const text = (name: (typeof attributeNames)[number]): string => (from[name] as string | null | undefined) ?? '';
  return {
    id: text('id'),
    source: text('source'),
    type: text('type'),
    subject: text('subject') || null,
    time: text('time') || null,
    anonymousId: text('anonymousid') || null,
  };
}

const attributeNames = ['id', 'source', 'type', 'subject', 'time', 'anonymousid'] as const;
const requiredNames: ReadonlySet<string> = new Set(['id', 'source', 'type']);

function attributeFault(name: string, value: unknown): Refusal | null {
  if ((value === null || value === '') && requiredNames.has(name)) return new Refusal(name, 'is required');
  return value === null || typeof value === 'string' ? null : new Refusal(name, 'must be a text');
}
