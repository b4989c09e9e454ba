import Type from 'typebox';

const pattern = '^[a-z0-9][a-z0-9-]{0,62}$';

/** An id of a definition: lower-case words joined by hyphens, as its file is named. */
export const DefinitionId = Type.String({ pattern });

/** The pattern of an id, and the same for people. */
export const idPattern = { pattern, words: 'must be small letters, digits and hyphens, at most 63, such as big-spenders' } as const;
