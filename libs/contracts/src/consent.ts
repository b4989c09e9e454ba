import Type, { type Static } from 'typebox';

/** What a person said about a channel; `unasked` when nobody has asked yet. */
export const ConsentAnswer = Type.Enum(['agreed', 'declined', 'unasked']);
export type ConsentAnswer = Static<typeof ConsentAnswer>;

/** What a person said about a channel, of all that they said. */
export function consentTo(channel: string, consent: Readonly<Record<string, boolean>>): ConsentAnswer {
  if (!Object.hasOwn(consent, channel)) return 'unasked';
  return consent[channel] === true ? 'agreed' : 'declined';
}
