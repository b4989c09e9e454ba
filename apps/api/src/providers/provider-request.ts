import { ProviderDefinition } from '@tidings/contracts';
import Type from 'typebox';

const { id: _id, sealed: _sealed, ...open } = ProviderDefinition.properties;

/** An account at a provider as a caller describes it; credentials are sealed at once and never shown again. */
export const ProviderRequest = Type.Object(
  { ...open, credentials: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
  { additionalProperties: false },
);
