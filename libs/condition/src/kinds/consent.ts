import type { ConsentCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** The person said so of the channel. */
export function consent({ consent: channel, is }: ConsentCondition): Matches {
  const wanted = is === 'unasked' ? undefined : is === 'agreed';
  return ({ person }) => (Object.hasOwn(person.consent, channel) ? person.consent[channel] : undefined) === wanted;
}
