import Type from 'typebox';

/** Which letters to settle: by id, by topic and reason, or all that wait; nothing said is refused, as it might be a slip. */
export const SettleRequest = Type.Object(
  {
    ids: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })),
    topic: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    all: Type.Optional(Type.Literal(true)),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
