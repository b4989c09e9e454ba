import { KeyDefinition } from '@tidings/contracts';
import Type from 'typebox';

/** What a caller says of the key they want. */
export const NewKeyRequest = Type.Object(
  {
    type: KeyDefinition.properties.type,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    scopes: Type.Optional(KeyDefinition.properties.scopes),
  },
  { additionalProperties: false },
);
