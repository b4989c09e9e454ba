import Type, { type Static } from 'typebox';
import { DefinitionId } from './definition-id.js';

/** A workspace and its settings; the unit of isolation. */
export const WorkspaceDefinition = Type.Object(
  {
    id: DefinitionId,
    /** What holds on a channel that a person was never asked about: `opt-out` sends, `opt-in` withholds. */
    consentModel: Type.Enum(['opt-out', 'opt-in']),
  },
  { additionalProperties: false },
);
export type WorkspaceDefinition = Static<typeof WorkspaceDefinition>;
