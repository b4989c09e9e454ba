import { events, type AcceptedEvent } from '@tidings/contracts';
import { uuidOf } from './uuid-of.js';
import type { PlainRecord } from './kafka.js';

/** The user id of a person; eight digits, as load generators write them. */
export const profileOf = (person: number): string => `user-${String(person).padStart(8, '0')}`;

/** The device token of a profile: how the sink knows whom a push was for. */
export const tokenOf = (profileId: string): string => `token-of-${profileId}`;

/** A person's first call: traits, and a phone that can be pushed to. */
export function identified(person: number, run: number): PlainRecord {
  const profileId = profileOf(person);
  return recordOf({
    ...basics(profileId, uuidOf('identify', run, person)),
    type: 'identify',
    name: 'identify',
    traits: { first_name: 'Somebody', plan: person % 3 === 0 ? 'premium' : 'free', city: 'Exampleton' },
    context: {
      device: { id: 'phone', type: 'android', token: tokenOf(profileId) },
      timezone: 'Europe/London',
      locale: 'en-GB',
    },
  });
}

/** What a sign-up says of itself and of where it happened, by whichever door it comes. */
export const signUp = {
  properties: {
    plan: 'premium',
    referrer: 'a-friend',
    campaign: 'spring',
    price: 19.9,
    currency: 'EUR',
    newsletter: true,
  },
  context: { locale: 'en-GB', timezone: 'Europe/London' },
};

/** The event that every push of the benchmark answers. `run` keeps ids apart between runs. */
export function signedUp(person: number, run: number, index: number): PlainRecord {
  const profileId = profileOf(person);
  return recordOf({
    ...basics(profileId, uuidOf('signed-up', run, index)),
    type: 'track',
    name: 'Signed Up',
    ...signUp,
  });
}

function basics(profileId: string, messageId: string): AcceptedEvent {
  const now = new Date().toISOString();
  return {
    v: 1, workspace: 'demo', profileId, messageId, type: 'track', name: '', userId: profileId, anonymousId: null,
    properties: {}, traits: {}, context: {}, timestamp: now, receivedAt: now, source: 'http',
  }; // prettier-ignore
}

const recordOf = (event: AcceptedEvent): PlainRecord => ({ key: events.key(event), value: JSON.stringify(event) });
