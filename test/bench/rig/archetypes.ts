import { events, type AcceptedEvent } from '@tidings/contracts';
import { CITIES, ORDER, PLANS, viewOf } from './definitions.js';
import type { PlainRecord } from './kafka.js';
import { profileOf } from './people.js';

const DAY = 86_400_000;
/**
 * People that the service itself gets to know by their events; all others are copies of them. They do nothing more while anything is
 * measured: copies of who is busy would all be busy at one instant, and their windows would end at one.
 */
export const ARCHETYPES = 2_000;
/** Over so many days what is told of people is spread. */
export const HISTORY_DAYS = 60;

/** Numbers that look like chance and are the same in every run. */
export const chanceOf = (...parts: readonly number[]): number => {
  let hash = 2_166_136_261;
  for (const part of parts) hash = Math.imul(hash ^ (part + 0x9e3779b9), 16_777_619) ^ (hash >>> 13);
  return ((Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0) % 1_000_003) / 1_000_003;
};

/** What a person did and said so far, oldest first: a call that says who they are, and so many events after it. */
export function lifeOf(person: number, count: number, now: number): readonly PlainRecord[] {
  const times = Array.from({ length: count }, (_none, n) => now - 60_000 - Math.floor(chanceOf(person, n) * (HISTORY_DAYS - 1) * DAY)).toSorted((a, b) => a - b);
  return [introduction(person, now - HISTORY_DAYS * DAY + 60_000), ...times.map((at, n) => recordOf(happening(person, `past-${n}`, at, chanceOf(person, n, 1))))];
}

/** Something that a person does now. */
export const doing = (person: number, messageId: string, at: number, chance: number): PlainRecord => recordOf(happening(person, messageId, at, chance));

function introduction(person: number, at: number): PlainRecord {
  const [age, city, plan] = [2, 3, 4].map((salt) => chanceOf(person, salt));
  return recordOf({
    ...basics(person, 'introduction', at),
    type: 'identify',
    name: 'identify',
    traits: {
      first_name: 'Somebody',
      last_name: `Number ${person}`,
      age: 18 + Math.floor((age ?? 0) * 60),
      city: `city-${Math.floor((city ?? 0) * CITIES)}`,
      plan: PLANS[Math.floor((plan ?? 0) * PLANS.length)] ?? 'free',
      newsletter: true,
    },
    context: { timezone: 'Europe/London', locale: 'en-GB', device: { id: 'phone', type: 'android', token: `token-of-${profileOf(person)}` } },
  });
}

/** One in eight is an order. */
function happening(person: number, messageId: string, at: number, chance: number): AcceptedEvent {
  const number = Math.floor(chance * 160);
  return {
    ...basics(person, messageId, at),
    name: number % 8 === 0 ? ORDER : viewOf(Math.floor(number / 8)),
    properties: { category: `category-${number % 10}`, total: 10 + number, currency: 'EUR' },
  };
}

function basics(person: number, messageId: string, at: number): AcceptedEvent {
  const profileId = profileOf(person);
  const time = new Date(at).toISOString();
  return {
    v: 1, workspace: 'demo', profileId, messageId, type: 'track', name: '', userId: profileId, anonymousId: null,
    properties: {}, traits: {}, context: {}, timestamp: time, receivedAt: time, source: 'http',
  }; // prettier-ignore
}

const recordOf = (event: AcceptedEvent): PlainRecord => ({ key: events.key(event), value: JSON.stringify(event) });
