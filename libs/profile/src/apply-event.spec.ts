import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, EventContext, ReceiptKind, Values } from '@tidings/contracts';
import fc from 'fast-check';
import { identified, iso, noon } from './events.fixture.js';
import { applyEvent, happenedAt, newProfile, type ProfileState } from './index.js';

const event = (minutes: number, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  identified(minutes, { profileId: 'ada', userId: 'ada', ...change });
const identify = (minutes: number, traits: Values): AcceptedEvent => event(minutes, { traits });
const during = (minutes: number, context: EventContext): AcceptedEvent => event(minutes, { type: 'track', context });
const nobody = newProfile('ada', iso(0));
const after = (...events: AcceptedEvent[]): ProfileState =>
  events.reduce((profile, next) => applyEvent(profile, next).profile, nobody);

describe('traits', () => {
  it.each<[string, AcceptedEvent[], Values]>([
    ['are set', [identify(0, { plan: 'pro' })], { plan: 'pro' }],
    [
      'are added to those that are known',
      [identify(0, { plan: 'pro' }), identify(1, { age: 36 })],
      { plan: 'pro', age: 36 },
    ],
    ['are removed by null', [identify(0, { plan: 'pro' }), identify(1, { plan: null })], {}],
    [
      'are set by a track event that carries some',
      [event(0, { type: 'track', traits: { plan: 'pro' } })],
      { plan: 'pro' },
    ],
    ['of a group are not the person’s', [event(0, { type: 'group', traits: { employees: 9 } })], {}],
    ['of a trigger are none', [event(0, { type: 'trigger', traits: { a: 1 } })], {}],
    [
      'stay as the latest call said when an older one comes late',
      [identify(5, { plan: 'pro' }), identify(1, { plan: 'free', age: 36 })],
      { plan: 'pro', age: 36 },
    ],
    [
      'stay removed when an older call comes late',
      [identify(0, { plan: 'a' }), identify(5, { plan: null }), identify(1, { plan: 'b' })],
      {},
    ],
    ['come back after they were removed', [identify(5, { plan: null }), identify(6, { plan: 'b' })], { plan: 'b' }],
    [
      'take the later comer of two at the same moment',
      [identify(0, { plan: 'a' }), identify(0, { plan: 'b' })],
      { plan: 'b' },
    ],
  ])('%s', (_, events, expected) => {
    expect(after(...events).traits).toEqual(expected);
  });

  it('are reported as changed only when their values are others', () => {
    const before = after(identify(0, { plan: 'pro', address: { city: 'London' } }));
    const news = { plan: 'pro', address: { city: 'London' }, age: 36, gone: null };
    expect(applyEvent(before, identify(1, news)).changed).toEqual(['age']);
  });

  it('are the same in whatever order calls come, and keep times of their own only where they must', () => {
    const call = fc.record({
      at: fc.nat(1_000),
      traits: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(null, 1, 2)),
    });
    const calls = fc.uniqueArray(call, { selector: ({ at }) => at, maxLength: 12 });
    const shuffled = calls.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, order]) => {
        const expected = new Map(list.toSorted((a, b) => a.at - b.at).flatMap(({ traits }) => Object.entries(traits)));
        const { traits, traitTimes } = after(...order.map(({ at, traits: news }) => identify(at, news)));
        expect(traits).toEqual(Object.fromEntries([...expected].filter(([, value]) => value !== null)));
        for (const [name, time] of Object.entries(traitTimes.other))
          expect(time < traitTimes.latest || !(name in traits)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('need no times of their own when each call repeats them all', () => {
    expect(after(identify(0, { a: 1, b: 1 }), identify(9, { a: 2, b: 2 })).traitTimes).toEqual({
      latest: noon + 540_000,
      other: {},
    });
  });

  it('beyond 256 names are not taken, those that are known still change', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`t${index}`, 1]));
    const full = applyEvent(nobody, identify(0, many));
    expect([Object.keys(full.profile.traits).length, full.limited]).toEqual([256, ['traits']]);
    expect(applyEvent(full.profile, identify(1, { t0: 2, t999: 2 }))).toMatchObject({
      changed: ['t0'],
      limited: ['traits'],
    });
    expect(applyEvent(full.profile, identify(1, { t0: 2 })).limited).toEqual([]);
  });

  it('that were removed long ago are forgotten, and take no room', () => {
    let profile = nobody;
    for (let index = 0; index < 300; index++) {
      profile = applyEvent(profile, identify(index, { [`t${index}`]: 1, [`t${index - 1}`]: null })).profile;
    }
    expect(profile.traits).toEqual({ t299: 1 });
    expect(Object.keys(profile.traitTimes.other)).toHaveLength(64);
  });

  it('never outgrow what an activity can carry', () => {
    let profile = nobody;
    for (let index = 0; index < 10; index++)
      profile = applyEvent(profile, identify(index, { [`t${index}`]: 'x'.repeat(20_000), keep: index })).profile;
    expect(Object.keys(profile.traits)).toEqual(['t0', 'keep', 't1', 't2']);
    expect(applyEvent(profile, identify(20, { t0: null, t9: 'x'.repeat(60_000) })).profile.traits).not.toHaveProperty(
      't0',
    );
  });

  it.each<[string, string]>([
    ['the prototype', '{"__proto__":{"admin":true},"a":1}'],
    ['its parts', '{"constructor":{"prototype":{"admin":true}},"a":1}'],
  ])('named like %s reach nothing else', (_, json) => {
    const { traits } = after(identify(0, JSON.parse(json) as Values));
    expect(Object.getPrototypeOf(traits)).toBe(Object.prototype);
    expect([Reflect.get({}, 'admin'), Reflect.get(traits, 'admin'), traits['a']]).toEqual([undefined, undefined, 1]);
  });
});

describe('devices', () => {
  const phone = { id: 'phone', type: 'ios', token: 't1' };
  const tokens = (profile: ProfileState) =>
    profile.devices.map(({ id, token, seenAt }) => [id, token, (Date.parse(seenAt) - noon) / 60_000]);

  it.each<[string, AcceptedEvent[], unknown[]]>([
    ['are known by their id', [during(0, { device: phone })], [['phone', 't1', 0]]],
    [
      'keep what a later call does not say',
      [during(0, { device: phone }), during(1, { device: { id: 'phone' } })],
      [['phone', 't1', 1]],
    ],
    [
      'have a new token',
      [during(0, { device: phone }), during(1, { device: { ...phone, token: 't2' } })],
      [['phone', 't2', 1]],
    ],
    [
      'keep their token when an older call comes late',
      [during(5, { device: phone }), during(1, { device: { ...phone, token: 't0' } })],
      [['phone', 't1', 5]],
    ],
    [
      'lose a token to a newer device',
      [during(0, { device: phone }), during(1, { device: { id: 'new', token: 't1' } })],
      [
        ['phone', null, 0],
        ['new', 't1', 1],
      ],
    ],
    [
      'keep a token that an older device had',
      [during(5, { device: phone }), during(1, { device: { id: 'old', token: 't1' } })],
      [
        ['phone', 't1', 5],
        ['old', null, 1],
      ],
    ],
  ])('%s', (_, events, expected) => {
    expect(tokens(after(...events))).toEqual(expected);
  });

  it.each<[string, AcceptedEvent[], string | undefined]>([
    ['is the latest', [during(0, { device: { ...phone, appVersion: '3.9' } }), during(1, { device: { ...phone, appVersion: '3.10' } })], '3.10'],
    ['stays when a later call does not say', [during(0, { device: { ...phone, appVersion: '3.9' } }), during(1, { device: phone })], '3.9'],
    ['is not what an older call says late', [during(5, { device: { ...phone, appVersion: '3.9' } }), during(1, { device: { ...phone, appVersion: '3.8' } })], '3.9'],
    ['is what an older call says when no other did', [during(5, { device: phone }), during(1, { device: { ...phone, appVersion: '3.8' } })], '3.8'],
    ['is left out while nobody said', [during(0, { device: phone })], undefined],
  ])('the version of the app %s', (_, events, expected) => {
    expect(after(...events).devices.map(({ appVersion }) => appVersion)).toEqual([expected]);
  }); // prettier-ignore

  it('beyond 64 push out the one that was not seen for longest', () => {
    const seen = Array.from({ length: 65 }, (_, index) =>
      during(index === 0 ? 100 : index, { device: { id: `d${index}` } }),
    );
    const ids = after(...seen).devices.map(({ id }) => id);
    expect([ids.length, ids.includes('d0'), ids.includes('d1')]).toEqual([64, true, false]);
  });
});

describe('the place', () => {
  const passau = { latitude: 48.5665, longitude: 13.4312 };
  const linz = { latitude: 48.3069, longitude: 14.2858 };
  const inPassau = { ...passau, cell: '881e3200d1fffff' };

  it.each<[string, AcceptedEvent[], ProfileState['place']]>([
    ['is not known while nobody said', [during(0, {})], null],
    ['is a point with its cell', [during(0, { location: passau })], { point: { ...inPassau, at: iso(0) } }],
    [
      'is what was said last, also when an older call comes late',
      [during(5, { location: passau }), during(1, { location: linz })],
      { point: { ...inPassau, at: iso(5) } },
    ],
    [
      'has names beside the point, each of its own time',
      [during(5, { location: passau }), during(6, { location: { country: 'DE', city: 'Passau' } })],
      { point: { ...inPassau, at: iso(5) }, area: { country: 'DE', city: 'Passau', at: iso(6) } },
    ],
    [
      'loses a city that was said of another country',
      [during(1, { location: { country: 'DE', city: 'Passau' } }), during(2, { location: { country: 'AT' } })],
      { area: { country: 'AT', at: iso(2) } },
    ],
    ['stays when a call says nothing', [during(0, { location: { city: 'Linz' } }), during(1, { location: {} })], { area: { city: 'Linz', at: iso(0) } }],
    ['may be a pole', [during(0, { location: { latitude: -90, longitude: -180 } })], { point: { latitude: -90, longitude: -180, cell: '88f29380e1fffff', at: iso(0) } }],
  ])('%s', (_, events, expected) => {
    expect(after(...events).place).toEqual(expected);
  }); // prettier-ignore
});

describe('consent', () => {
  const says = (minutes: number, consent: Record<string, boolean>) => during(minutes, { consent });

  it('is what was said last, whatever comes late', () => {
    expect(
      after(says(0, { email: true, push: true }), says(5, { email: false }), says(1, { email: true })).consent,
    ).toEqual({ email: false, push: true });
  });

  it('is withdrawn once, and only for channels there are', () => {
    const first = applyEvent(nobody, says(0, { email: false, push: true, pigeon: false }));
    expect(first.withdrawn).toEqual(['email']);
    expect(applyEvent(first.profile, says(1, { email: false })).withdrawn).toEqual([]);
    expect(applyEvent(first.profile, says(-1, { push: false })).withdrawn).toEqual([]);
  });

  it('is also taken back by a receipt, which says nothing else', () => {
    const before = after(identify(0, { plan: 'pro' }));
    const unsubscribed = event(1, {
      type: 'receipt',
      name: 'unsubscribed',
      context: { consent: { email: false }, device: { id: 'x' } },
    });
    const { profile, withdrawn } = applyEvent(before, unsubscribed);
    expect(withdrawn).toEqual(['email']);
    expect(profile).toEqual({
      ...before,
      version: 2,
      consent: { email: false },
      consentTimes: { email: noon + 60_000 },
    });
  });
});

describe('a token that a provider says is dead', () => {
  const phone = (token: string, minutes = 0) => event(minutes, { context: { device: { id: 'phone', type: 'ios', token } } });
  const bounced = (token: string, kind: ReceiptKind = 'bounced') =>
    event(1, { type: 'receipt', receipt: { kind, messageId: 'm', channel: 'push' }, context: { device: { id: 'phone', token } } });
  const tokens = (...events: AcceptedEvent[]) => after(...events).devices.map(({ token }) => token);

  it.each<[string, readonly AcceptedEvent[], string | null]>([
    ['goes from its device, which stays', [phone('old'), bounced('old')], null],
    ['does not take a newer one with it', [phone('old'), phone('new', 0.5), bounced('old')], 'new'],
    ['is only what bounced, not what was opened', [phone('old'), bounced('old', 'opened')], 'old'],
    ['gives place to a new one', [phone('old'), bounced('old'), phone('new', 2)], 'new'],
  ])('%s', (_sentence, events, token) => {
    expect(tokens(...events)).toEqual([token]);
  });

  it('raises the version once, however often it is told', () => {
    expect(after(phone('old'), bounced('old'), bounced('old')).version).toBe(2);
  });
});

describe('an event', () => {
  it('raises the version, except a receipt or a trigger', () => {
    expect(
      after(identify(0, {}), during(1, {}), event(2, { type: 'receipt' }), event(3, { type: 'trigger' })).version,
    ).toBe(2);
  });

  it('with a zone that there is none of leaves the one that was told before', () => {
    const told = after(during(1, { timezone: 'Europe/Berlin' }), during(2, { timezone: 'Etc/Unknown', locale: 'de' }));
    expect([told.timezone, told.locale]).toEqual(['Europe/Berlin', 'de']);
    expect(after(during(1, { timezone: 'Mars/Olympus' })).timezone).toBeNull();
  });

  it('tells time zone and locale, unless it comes late', () => {
    const profile = after(
      during(5, { timezone: 'Europe/Berlin' }),
      during(6, { locale: 'de' }),
      during(1, { timezone: 'UTC' }),
    );
    expect([profile.timezone, profile.locale]).toEqual(['Europe/Berlin', 'de']);
  });

  it.each([
    ['by the sender’s clock', iso(0), iso(5), noon],
    ['not after it was received', iso(9), iso(5), noon + 300_000],
    ['when it was received, for want of a better time', 'yesterday', iso(5), noon + 300_000],
  ])('happened %s', (_, timestamp, receivedAt, expected) => {
    expect(happenedAt({ timestamp, receivedAt })).toBe(expected);
  });
});
