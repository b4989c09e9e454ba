import Type from 'typebox';

/** Whom to erase, by any of their ids. */
export const ErasureRequest = Type.Object({ profileId: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false });
