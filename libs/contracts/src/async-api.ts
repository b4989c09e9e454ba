import type { TSchema } from 'typebox';
import { portable, isObject, type JsonSchema } from './portable-schema.js';
import { profileKey, type Topic } from './topic.js';
import { AcceptedEvent } from './topics/accepted-event.js';
import { allTopics } from './topics/all-topics.js';
import { deadLetterHeaders, deadLetters } from './topics/dead-letter.js';
import { definitions } from './topics/definition-record.js';
import { inbound } from './topics/inbound.js';
import { SendRequested } from './topics/send-requested.js';

const dayMs = 86_400_000;
const text = { type: 'string' };
const bindingVersion = '0.5.0';

/** The AsyncAPI 3 document of an installation whose topic names begin with `prefix`: every topic, message and header. */
export function asyncApi(prefix: string): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const described = allTopics.map((topic) => ({ topic, messages: messagesOf(topic, schemas) }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tidings',
      version: '1',
      description:
        'Events in on `inbound`; what was decided and what became of it out on `analytics.facts`. Values are JSON in UTF-8. Fields are only ever added within a version.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      described.map(({ topic, messages }) => [topic.name, channel(topic, messages, prefix)]),
    ),
    operations: Object.fromEntries(described.map(({ topic, messages }) => operation(topic, messages))),
    components: {
      messages: Object.fromEntries(
        described.flatMap(({ topic, messages }) => messages.map((name) => [name, message(topic, name)])),
      ),
      schemas,
    },
  };
}

/** Schemas that several topics or messages share have one name. */
const shared = new Map<TSchema, string>([
  [AcceptedEvent, 'AcceptedEvent'],
  [SendRequested, 'SendRequested'],
]);

const pascal = (name: string): string =>
  name.replace(/(^|[.-])([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

/** Names the messages of a topic, one for each kind, and adds their schemas. */
function messagesOf({ name, schema }: Topic, schemas: Record<string, JsonSchema>): readonly string[] {
  const kinds: readonly TSchema[] =
    'anyOf' in schema && Array.isArray(schema.anyOf) ? (schema.anyOf as TSchema[]) : [schema];
  return kinds.map((kind) => {
    const title = shared.get(kind) ?? pascal(name) + pascal(kindOf(kind));
    const { schema: plain, definitions: named } = portable(kind, '#/components/schemas/');
    Object.assign(schemas, named, { [title]: plain });
    return title;
  });
}

/** What a message's own `kind` says, where that tells it from the topic's others. */
function kindOf(schema: TSchema): string {
  const kind: unknown = 'properties' in schema && isObject(schema.properties) ? schema.properties['kind'] : undefined;
  return isObject(kind) && typeof kind['const'] === 'string' ? `-${kind['const']}` : '';
}

function channel(
  { name, description, cleanup, retentionDays }: Topic,
  messages: readonly string[],
  prefix: string,
): JsonSchema {
  const retention = cleanup === 'delete' ? { 'retention.ms': retentionDays * dayMs } : {};
  return {
    address: prefix + name,
    description,
    messages: Object.fromEntries(messages.map((message) => [message, { $ref: `#/components/messages/${message}` }])),
    bindings: {
      kafka: {
        topic: prefix + name,
        topicConfiguration: { 'cleanup.policy': [cleanup], ...retention },
        bindingVersion,
      },
    },
  };
}

/** Tidings reads what customers write to `inbound`; everything else it writes. */
function operation({ name }: Topic, messages: readonly string[]): readonly [string, JsonSchema] {
  const reference = { $ref: `#/channels/${name}` };
  return [
    name === inbound.name ? 'accept' : `publish-${name}`,
    {
      action: name === inbound.name ? 'receive' : 'send',
      channel: reference,
      messages: messages.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
    },
  ];
}

function message(topic: Topic, name: string): JsonSchema {
  return {
    name,
    contentType: topic === deadLetters ? 'application/octet-stream' : 'application/json',
    headers: { type: 'object', properties: headersOf(topic) },
    payload: { $ref: `#/components/schemas/${name}` },
    bindings: { kafka: { key: { type: 'string', description: keyOf(topic) }, bindingVersion } },
  };
}

function headersOf(topic: Topic): JsonSchema {
  const trace = { traceparent: { ...text, description: 'W3C trace context' } };
  if (topic === deadLetters)
    return { ...trace, ...Object.fromEntries(Object.values(deadLetterHeaders).map((name) => [name, text])) };
  if (topic !== inbound) return trace;
  const cloudEvent = Object.fromEntries(
    ['specversion', 'id', 'source', 'type', 'time', 'subject'].map((name) => [`ce_${name}`, text]),
  );
  return { ...trace, 'content-type': text, ...cloudEvent };
}

function keyOf(topic: Topic): string {
  if (topic.key === profileKey) return 'workspace:profileId';
  if (topic.name === definitions.name) return 'workspace:kind:id';
  return topic === deadLetters ? 'the key of the original message' : 'any; the id of the profile is advised';
}
