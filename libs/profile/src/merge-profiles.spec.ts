import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Values } from '@tidings/contracts';
import fc from 'fast-check';
import {
  applyEvent,
  MAX_IDS,
  mergeProfiles,
  newProfile,
  otherIds,
  withRefusal,
  type ProfileState,
  type RefusedId,
} from './index.js';
import { identified, iso } from './events.fixture.js';

const said = (minutes: number, profileId: string, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  identified(minutes, {
    profileId,
    userId: profileId.startsWith('anonymous:') ? null : profileId,
    anonymousId: profileId.startsWith('anonymous:') ? profileId.slice(10) : null,
    ...change,
  });
const after = (id: string, ...events: AcceptedEvent[]): ProfileState =>
  events.reduce((profile, next) => applyEvent(profile, next).profile, newProfile(id, iso(0)));
const by = (id: string) => ({ id, at: iso(9), by: 'm9' });
const joined = (into: ProfileState, previous: ProfileState): ProfileState =>
  mergeProfiles(into, previous, by(previous.id)).profile;

describe('the other ids of an event', () => {
  it.each<[string, Partial<AcceptedEvent>, string[]]>([
    ['are its anonymous id beside a user id', { anonymousId: 'web' }, ['anonymous:web']],
    ['are none without a user id', { userId: null, anonymousId: 'web' }, []],
    ['are of any call', { type: 'track', anonymousId: 'web' }, ['anonymous:web']],
    ['of a receipt are none', { type: 'receipt', anonymousId: 'web' }, []],
    [
      'of an alias are what its previous id may mean',
      { type: 'alias', properties: { previousId: 'old' } },
      ['anonymous:old', 'old'],
    ],
    [
      'of an alias are an anonymous profile that it names',
      { type: 'alias', properties: { previousId: 'anonymous:web' } },
      ['anonymous:web'],
    ],
    [
      'of an alias of an id with itself are the anonymous one',
      { type: 'alias', properties: { previousId: 'ada' } },
      ['anonymous:ada'],
    ],
    [
      'are no ids that nobody can have',
      { type: 'alias', properties: { previousId: 'x'.repeat(250) } },
      ['x'.repeat(250)],
    ],
    ['are none where a field is no text', { type: 'alias', properties: { previousId: 7 } }, []],
  ])('%s', (_, change, expected) => {
    expect(otherIds(said(0, 'ada', change))).toEqual(expected);
  });
});

describe('a merge of profiles', () => {
  it.each<[string, ProfileState, ProfileState, Values]>([
    [
      'keeps what the known person said, also when the anonymous one said it later',
      after('ada', said(1, 'ada', { traits: { plan: 'pro' } })),
      after('anonymous:a', said(5, 'anonymous:a', { traits: { plan: 'free', from: 'ad' } })),
      { plan: 'pro', from: 'ad' },
    ],
    [
      'keeps what the known person took back',
      after('ada', said(1, 'ada', { traits: { plan: 'pro' } }), said(2, 'ada', { traits: { plan: null } })),
      after('anonymous:a', said(5, 'anonymous:a', { traits: { plan: 'free' } })),
      {},
    ],
    [
      'takes the latest of two known',
      after('ada', said(1, 'ada', { traits: { plan: 'pro', age: 36 } })),
      after('eve', said(5, 'eve', { traits: { plan: 'free' } }), said(0, 'eve', { traits: { age: 1 } })),
      { plan: 'free', age: 36 },
    ],
  ])('%s', (_, into, previous, expected) => {
    expect(joined(into, previous).traits).toEqual(expected);
  });

  it('is of a person who is as old as the older, has both their ids, and knows the later place', () => {
    const ada = { ...after('ada', said(1, 'ada', { context: { timezone: 'Europe/Rome' } })), createdAt: iso(3) };
    const eve = { ...after('eve', said(2, 'eve', { context: { locale: 'it' } })), ids: [by('anonymous:e')] };
    expect(joined(ada, eve)).toMatchObject({
      id: 'ada',
      createdAt: iso(0),
      timezone: 'Europe/Rome',
      locale: 'it',
      version: 2,
      ids: [{ id: 'eve' }, { id: 'anonymous:e' }],
    });
  });

  it('withdraws consent that the other took back later', () => {
    const yes = after('ada', said(1, 'ada', { context: { consent: { email: true, push: true } } }));
    const no = after('anonymous:a', said(2, 'anonymous:a', { context: { consent: { email: false } } }));
    const { profile, withdrawn } = mergeProfiles(yes, no, by('anonymous:a'));
    expect([profile.consent, withdrawn]).toEqual([{ email: false, push: true }, ['email']]);
    const earlier = after('anonymous:a', said(0, 'anonymous:a', { context: { consent: { email: false } } }));
    expect(mergeProfiles(yes, earlier, by('anonymous:a'))).toMatchObject({
      profile: { consent: { email: true } },
      withdrawn: [],
    });
  });

  it('leaves the same person in whatever order events and the merge come', () => {
    const location = fc.oneof(
      fc.record({ latitude: fc.constantFrom(-90, 48.5), longitude: fc.constantFrom(-180, 13.4) }),
      fc.record(
        { country: fc.constantFrom('DE', 'AT'), city: fc.constantFrom('Passau', 'Linz') },
        { requiredKeys: [] },
      ),
    );
    const context = fc.record({
      location,
      consent: fc.dictionary(fc.constantFrom('email', 'push'), fc.boolean()),
      // A token that two devices share is the one's that was seen last with it.
      device: fc.record({
        id: fc.constantFrom('d', 'e'),
        type: fc.constant('ios'),
        token: fc.constant('t'),
        appVersion: fc.constantFrom('3.9', '3.10'),
      }),
      chat: fc.record({ kind: fc.constant('telegram' as const), id: fc.constantFrom('7', '8'), removed: fc.boolean() }),
    });
    const call = fc.record({
      at: fc.nat(1_000),
      id: fc.constantFrom('ada', 'anonymous:a', 'anonymous:b'),
      traits: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(null, 1, 2)),
      context,
    });
    const calls = fc
      .uniqueArray(call, { selector: ({ at }) => at, maxLength: 12 })
      .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));
    fc.assert(
      fc.property(calls, fc.nat(12), fc.nat(12), (list, first, second) => {
        const events = list.map(({ at, id, ...change }) => said(at, id, change));
        const apart = ['ada', 'anonymous:a', 'anonymous:b'].map((id) =>
          after(id, ...events.filter(({ profileId }) => profileId === id)),
        );
        const [ada = newProfile('ada', iso(0)), ...others] = apart;
        expect(saying(walked(events, [first, second]))).toEqual(saying(others.reduce(joined, ada)));
      }),
    );
  });
});

/** What a profile says, whatever the order it keeps it in. */
const saying = ({ traits, consent, devices, addresses, place, ids }: ProfileState) => ({
  traits,
  consent,
  place,
  devices: devices.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  addresses: addresses.toSorted((a, b) => (a.address < b.address ? -1 : 1)),
  ids: ids.map(({ id }) => id).toSorted(),
});

/** Ada, when her ids are merged after so many events: what they do from then on is hers at once. */
function walked(events: readonly AcceptedEvent[], mergedAfter: readonly number[]): ProfileState {
  const held = new Map(
    ['ada', 'anonymous:a', 'anonymous:b'].map((id): [string, ProfileState] => [id, newProfile(id, iso(0))]),
  );
  const get = (id: string): ProfileState => held.get(id) ?? newProfile(id, iso(0));
  const owner = new Map<string, string>();
  for (let index = 0; index <= Math.max(events.length, ...mergedAfter); index++) {
    for (const [which, id] of ['anonymous:a', 'anonymous:b'].entries()) {
      if (mergedAfter[which] !== index) continue;
      held.set('ada', joined(get('ada'), get(id)));
      owner.set(id, 'ada');
    }
    const event = events[index];
    if (event === undefined) continue;
    const id = owner.get(event.profileId) ?? event.profileId;
    held.set(id, applyEvent(get(id), event).profile);
  }
  return get('ada');
}

describe('refusals', () => {
  const refusal = (id: string): RefusedId => ({ ...by(id), reason: 'taken' });

  it('are remembered once, and only the latest', () => {
    const once = withRefusal([], refusal('a'));
    expect(withRefusal(once, refusal('a'))).toBe(once);
    const many = Array.from({ length: MAX_IDS }, (_, n) => refusal(`a${n}`)).reduce<readonly RefusedId[]>(
      withRefusal,
      [],
    );
    expect(many.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `a${MAX_IDS - 10 + n}`));
  });
});
