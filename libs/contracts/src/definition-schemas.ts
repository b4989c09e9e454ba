import Type, { type TSchema } from 'typebox';
import { ComputedTraitDefinition } from './definitions/computed-trait-definition.js';
import { JourneyDefinition } from './definitions/journey-definition.js';
import { SegmentDefinition } from './definitions/segment-definition.js';
import { SourceDefinition } from './definitions/source-definition.js';
import { EmailTemplate, PushTemplate } from './definitions/template-definition.js';
import { isObject, portable, type JsonSchema } from './portable-schema.js';

/** The kinds of definition file. */
export type DefinitionFile = 'segment' | 'computed-trait' | 'journey' | 'source' | 'push' | 'email';

const closed = { additionalProperties: false } as const;
const { subject, from, replyTo } = EmailTemplate.properties;

/** What each kind of file holds; the id may be left out, because the file is named for it. */
const files: Readonly<Record<DefinitionFile, readonly [title: string, schema: TSchema]>> = {
  segment: ['segments/<id>.yaml', withOptionalId(SegmentDefinition)],
  'computed-trait': ['computed-traits/<id>.yaml', withOptionalId(ComputedTraitDefinition)],
  journey: ['journeys/<id>.yaml', withOptionalId(JourneyDefinition)],
  source: ['sources/<id>.yaml', withOptionalId(SourceDefinition)],
  push: ['templates/<id>/push.yaml', PushTemplate],
  email: ['templates/<id>/email.yaml', Type.Object({ subject: Type.Optional(subject), from, replyTo }, closed)],
};

const root = '#/$defs/';
const variable = 'Variable';

/** The JSON Schema of each kind of definition file, for editors that complete and check while somebody writes. */
export function definitionSchemas(): Readonly<Record<DefinitionFile, JsonSchema>> {
  const schemas = Object.entries(files).map(([name, [title, file]]) => [name, document(name, title, file)] as const);
  return Object.fromEntries(schemas) as Record<DefinitionFile, JsonSchema>;
}

function document(name: string, title: string, file: TSchema): JsonSchema {
  const { schema, definitions } = portable(file, root);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:tidings:schema:${name}:v1`,
    title,
    ...(withVariables(schema) as JsonSchema),
    $defs: {
      ...(withVariables(definitions) as JsonSchema),
      [variable]: { type: 'string', pattern: '^\\$\\{[a-z][a-z0-9_]*\\}$', description: 'A variable of tidings.yaml' },
    },
  };
}

function withOptionalId(
  file: typeof SegmentDefinition | typeof JourneyDefinition | typeof SourceDefinition | typeof ComputedTraitDefinition,
): TSchema {
  const { id, ...rest } = file.properties;
  return Type.Object({ id: Type.Optional(id), ...rest }, closed);
}

/** A value that is held to a form may also be a variable, which is replaced before the value is looked at. */
function withVariables(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withVariables);
  if (!isObject(node)) return node;
  if (isHeldToForm(node)) return { anyOf: [node, { $ref: root + variable }] };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withVariables(value)]));
}

const isHeldToForm = ({ type, pattern, enum: choices }: JsonSchema): boolean =>
  typeof pattern === 'string' || Array.isArray(choices) || type === 'integer' || type === 'number';
