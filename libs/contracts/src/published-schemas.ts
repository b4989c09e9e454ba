import { incompatibilities, type Direction } from './compatibility.js';
import { definitionSchemas } from './definition-schemas.js';
import { portable, type JsonSchema } from './portable-schema.js';
import type { Topic } from './topic.js';
import { allTopics } from './topics/all-topics.js';
import { deadLetters } from './topics/dead-letter.js';

/** A schema that others rely on, and in which direction. */
export interface PublishedSchema {
  /** The file in `published/` that keeps it, without `.json`. */
  readonly name: string;
  readonly direction: Direction;
  readonly schema: JsonSchema;
}

/** Every schema that is relied on outside: topics and definition files. */
export function publishedSchemas(): readonly PublishedSchema[] {
  const topics = new Map(allTopics.filter((topic) => topic !== deadLetters).map((topic) => [nameOf(topic), topic]));
  return [
    ...[...topics].map(([name, topic]): PublishedSchema => ({
      name,
      direction: 'message',
      schema: messageSchema(topic),
    })),
    ...Object.entries(definitionSchemas()).map(([name, schema]): PublishedSchema => ({
      name: `file.${name}`,
      direction: 'file',
      schema,
    })),
  ];
}

/** All topics of sends carry the same message. */
const nameOf = ({ name }: Topic): string => (name.startsWith('sends.') ? 'sends' : name);

function messageSchema(topic: Topic): JsonSchema {
  const { schema, definitions } = portable(topic.schema, '#/$defs/');
  return Object.keys(definitions).length > 0 ? { ...schema, $defs: definitions } : schema;
}

/** What the current schemas break of the published ones, each in a sentence; `kept` are the published ones by name. */
export function breakages(kept: Readonly<Record<string, JsonSchema>>): readonly string[] {
  const current = new Map(publishedSchemas().map((published) => [published.name, published]));
  return Object.entries(kept).flatMap(([name, schema]) => {
    const now = current.get(name);
    if (now === undefined) return [`${name}: the schema is gone`];
    return incompatibilities(schema, now.schema, now.direction).map((problem) => `${name}: ${problem}`);
  });
}
