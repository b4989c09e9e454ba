import { consentTo, type ConsentCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';

/** The person said so of the channel. */
export function consent({ consent: channel, is }: ConsentCondition): Matches {
  return ({ person }) => consentTo(channel, person.consent) === is;
}
