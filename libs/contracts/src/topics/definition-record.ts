import Type, { type Static } from 'typebox';
import { ComputedTraitDefinition } from '../definitions/computed-trait-definition.js';
import { JourneyDefinition } from '../definitions/journey-definition.js';
import { KeyDefinition } from '../definitions/key-definition.js';
import { ProviderDefinition } from '../definitions/provider-definition.js';
import { SegmentDefinition } from '../definitions/segment-definition.js';
import { SourceDefinition } from '../definitions/source-definition.js';
import { TemplateDefinition } from '../definitions/template-definition.js';
import { WorkspaceDefinition } from '../definitions/workspace-definition.js';
import { Id, Instant } from '../shapes.js';
import { topic } from '../topic.js';

const head = <K extends string>(kind: K) => ({
  v: Type.Literal(1),
  workspace: Id,
  kind: Type.Literal(kind),
  /** The definition's id; for a kept version of a journey or template, `<id>@<version>`. */
  id: Id,
  version: Type.Integer({ minimum: 1 }),
  /** `archived`: nothing new begins with it, what runs goes on. */
  status: Type.Enum(['published', 'archived']),
  publishedAt: Instant,
});

const of = <K extends string, S extends Type.TSchema>(kind: K, body: S) => Type.Object({ ...head(kind), body });

const segment = Type.Object({
  ...head('segment'),
  /** Of a snapshot: the moment of which its members are. An earlier version's, where that asked the same. */
  takenAt: Type.Optional(Instant),
  body: SegmentDefinition,
});

/**
 * A definition as published. Journeys and templates are on the topic twice: the current one under its id, and each
 * version under `<id>@<version>`, so that runs and messages in flight find the version that they began with.
 */
export const DefinitionRecord = Type.Union([
  of('workspace', WorkspaceDefinition),
  of('key', KeyDefinition),
  of('provider', ProviderDefinition),
  segment,
  of('computed-trait', ComputedTraitDefinition),
  of('journey', JourneyDefinition),
  of('template', TemplateDefinition),
  of('source', SourceDefinition),
]);
export type DefinitionRecord = Static<typeof DefinitionRecord>;

/** The kinds of definition. */
export type DefinitionKind = DefinitionRecord['kind'];

/** The record of one kind. */
export type DefinitionOf<K extends DefinitionKind> = Extract<DefinitionRecord, { kind: K }>;

/** Every definition as it now is; each process reads all of it at start and follows it. */
export const definitions = topic({
  name: 'definitions',
  description:
    'Segments, computed traits, journeys, templates, sources, providers, keys and workspaces as published. Compacted.',
  schema: DefinitionRecord,
  key: ({ workspace, kind, id }) => `${workspace}:${kind}:${id}`,
  cleanup: 'compact',
});
