import Type, { type Static } from 'typebox';
import { ConditionSchema } from './condition.js';
import { DefinitionId } from './definition-id.js';

/** A segment as a person writes it in `segments/<id>.yaml`. */
export const SegmentDefinition = Type.Object(
  {
    id: DefinitionId,
    name: Type.Optional(Type.String({ maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    where: ConditionSchema,
    /** Its members are those of whom the condition holds when it is published, whatever becomes of them later. */
    snapshot: Type.Optional(Type.Literal(true)),
  },
  { additionalProperties: false },
);
export type SegmentDefinition = Static<typeof SegmentDefinition>;
