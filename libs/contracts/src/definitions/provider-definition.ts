import Type, { type Static } from 'typebox';
import { Channel } from '../channel.js';
import { DefinitionId } from './definition-id.js';

/** The kinds of provider, each an adapter of one dispatcher. */
export const ProviderKind = Type.Enum(['fcm', 'sendgrid', 'smtp', 'sandbox']);
export type ProviderKind = Static<typeof ProviderKind>;

/** An account at a provider. A channel with several uses them in the order of `priority`, then of their ids; one without any delivers to the sandbox. */
export const ProviderDefinition = Type.Object(
  {
    id: DefinitionId,
    channel: Channel,
    kind: ProviderKind,
    /** Of several accounts for a channel the lowest number is preferred, 0 when left out; the next takes over while it is in trouble. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** What may be read by anybody who may read definitions: base URL, project, from address, host, port. */
    settings: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    /** Credentials, sealed with the master key (AES-256-GCM over the workspace and id); never shown again. */
    sealed: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type ProviderDefinition = Static<typeof ProviderDefinition>;
