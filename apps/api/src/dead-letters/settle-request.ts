import Type from 'typebox';

/** Which letters to settle: by id, or by topic and reason; all that wait when neither is said. */
export const SettleRequest = Type.Object(
  {
    ids: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })),
    topic: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
