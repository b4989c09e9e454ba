import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { readToken, token } from './token.js';

/** What a token is for: a link in a message, its open pixel, its unsubscribe link, or the reference a provider sends back. */
export type TrackingPurpose = 'click' | 'open' | 'unsubscribe' | 'receipt';

const id = Type.String({ minLength: 1, maxLength: 255 });

const payload = Type.Object({
  /** Workspace, profile, message, channel, journey, step. */
  w: id,
  p: id,
  m: id,
  c: id,
  j: id,
  s: id,
  /** `dueAt` of the message. */
  d: Type.Optional(Type.String({ format: 'date-time' })),
  /** Keyed hash of the address, in the reference that a provider sends back. */
  a: Type.Optional(Type.String({ maxLength: 64 })),
  /** Where a link leads. */
  u: Type.Optional(Type.String()),
});

/** What a link in a message, or a provider's copy of it, says of the message; the names are short because links are. */
export type TrackingToken = Static<typeof payload>;

const isTrackingToken = Compile(payload);

/** An opaque token for a message: nobody without the master key reads, alters or makes one. */
export const trackingToken = (masterKey: string, purpose: TrackingPurpose, message: TrackingToken): string =>
  token(masterKey, purpose, message);

/** What the token says of the message; null for a text that is no token for this purpose. */
export function readTrackingToken(masterKey: string, purpose: TrackingPurpose, text: string): TrackingToken | null {
  const message = readToken(masterKey, purpose, text);
  return isTrackingToken.Check(message) ? message : null;
}
