import Type, { type Static } from 'typebox';

/** What a key may do; a write key only `ingest`. */
export const Scope = Type.Enum(['ingest', 'read', 'write', 'admin']);
export type Scope = Static<typeof Scope>;

/** An API key as it is kept: the hash of it, never the key. */
export const KeyDefinition = Type.Object(
  {
    id: Type.String({ pattern: '^[0-9A-Za-z]{12}$' }),
    type: Type.Enum(['write', 'secret']),
    name: Type.String({ maxLength: 200 }),
    /** SHA-256 of the whole key, hex. */
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    scopes: Type.Array(Scope),
    createdAt: Type.String({ format: 'date-time' }),
    revokedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type KeyDefinition = Static<typeof KeyDefinition>;
