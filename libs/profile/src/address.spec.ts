import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, EventContext } from '@tidings/contracts';
import fc from 'fast-check';
import { addressesOf, applyEvent, isThere, mergeProfiles, newProfile, type Address, type ProfileState } from './index.js';
import { identified, iso, noon } from './events.fixture.js';

const nobody = newProfile('ada', iso(0));
const said = (minutes: number, context: EventContext, traits: AcceptedEvent['traits'] = {}): AcceptedEvent =>
  identified(minutes, { profileId: 'ada', userId: 'ada', context, traits });
const after = (...events: AcceptedEvent[]): ProfileState => events.reduce((profile, next) => applyEvent(profile, next).profile, nobody);
const keys = (name: string) => ({ p256dh: name, auth: name });
const push = (key = 'k', change: Partial<NonNullable<EventContext['webPush']>> = {}): EventContext => ({ webPush: { endpoint: 'https://p.example/1', keys: keys(key), ...change } });
const gone: EventContext = { webPush: { endpoint: 'https://p.example/1', removed: true } };
const chat = (id: string, removed = false): EventContext => ({ chat: { kind: 'telegram', id, ...(removed && { removed }) } });
const minute = (at: number | null): number | null => (at === null ? null : (at - noon) / 60_000);

describe('subscriptions and chats', () => {
  const there = (profile: ProfileState) =>
    profile.addresses.filter(isThere).map(({ address, keys: held, firstSeen, lastSeen }) => [address, held?.auth, minute(firstSeen), minute(lastSeen)]);
  const url = 'https://p.example/1';

  it.each<[string, AcceptedEvent[], unknown[]]>([
    ['are known by endpoint or id', [said(0, push()), said(1, chat('7')), said(2, chat('8'))], [[url, 'k', 0, 0], ['telegram:7', undefined, 1, 1], ['telegram:8', undefined, 2, 2]]],
    ['were first and last seen, whichever was heard first', [said(5, push('new')), said(1, push('old'))], [[url, 'new', 1, 5]]],
    ['have new keys', [said(1, push('old')), said(5, push('new'))], [[url, 'new', 1, 5]]],
    ['are removed', [said(1, push()), said(2, gone)], []],
    ['stay removed when an older call comes late', [said(5, gone), said(1, push())], []],
    ['come back', [said(1, push()), said(2, gone), said(3, push('again'))], [[url, 'again', 1, 3]]],
    ['stay when an older removal comes late', [said(3, push()), said(2, gone)], [[url, 'k', 3, 3]]],
    ['are gone when both are said at once', [said(2, gone), said(2, push())], []],
    ['that nobody had are removed', [said(2, chat('7', true))], []],
  ])('%s', (_sentence, events, expected) => {
    expect(there(after(...events))).toEqual(expected);
  });

  it('that are gone leave no keys behind', () => {
    expect(JSON.stringify(after(said(1, push('secret')), said(2, gone)).addresses)).not.toContain('secret');
  });

  it('are the same in whatever order calls come, and of however many profiles they are put together', () => {
    const call = fc.record({ at: fc.nat(1_000), context: fc.constantFrom(push('a'), push('b'), gone, chat('7'), chat('7', true)), owner: fc.nat(2) });
    const calls = fc.uniqueArray(call, { selector: ({ at }) => at, maxLength: 10 });
    const sorted = (profile: ProfileState) => profile.addresses.toSorted((a, b) => (a.address < b.address ? -1 : 1));
    fc.assert(
      fc.property(calls, (list) => {
        const inOrder = after(...list.toSorted((a, b) => a.at - b.at).map(({ at, context }) => said(at, context)));
        const parts = [0, 1, 2].map((owner) => after(...list.filter((each) => each.owner === owner).map(({ at, context }) => said(at, context))));
        const [first = nobody, ...others] = parts;
        const merged = others.reduce((into, previous) => mergeProfiles(into, previous, { id: 'x', at: iso(9), by: 'm' }).profile, first);
        expect(sorted(merged)).toEqual(sorted(inOrder));
      }),
      { numRuns: 500 },
    );
  });

  it('beyond 32 push out the one that was not seen for longest, and what was removed is forgotten in the same way', () => {
    const many = Array.from({ length: 40 }, (_none, n) => said(n, chat(String(n))));
    const full = many.reduce((applied, next) => applyEvent(applied.profile, next), applyEvent(nobody, said(0, {})));
    expect([full.limited, full.profile.addresses.length, full.profile.addresses.some(({ address }) => address === 'telegram:7')]).toEqual([['addresses'], 32, false]);
    const removed = after(...Array.from({ length: 40 }, (_none, n) => said(n, chat(String(n), true))));
    expect(removed.addresses).toHaveLength(32);
  });

  it('of a receipt are none', () => {
    expect(after(identified(1, { type: 'receipt', context: push() })).addresses).toEqual([]);
  });
});

describe('the addresses of a profile', () => {
  const now = new Date(iso(100));
  const shown = (profile: ProfileState) =>
    addressesOf(profile, now).map(({ kind, address, validity, reason, firstSeen, lastSeen }: Address) => [kind, address, validity, reason, minute(firstSeen), minute(lastSeen)]);

  it.each<[string, AcceptedEvent[], unknown[]]>([
    ['are the mailbox and the number of traits, as they can be written to', [said(1, { locale: 'de-AT' }, { email: ' a@b.example ', phone: '0660 1234567' })],
      [['email', 'a@b.example', 'valid', null, null, 1], ['phone', '+436601234567', 'valid', null, null, 1]]],
    ['stay as they were given where they are none, with the reason', [said(1, {}, { email: 'a@b', phone: '0660 1234567' })],
      [['email', 'a@b', 'invalid', 'not-an-address', null, 1], ['phone', '0660 1234567', 'invalid', 'no-country', null, 1]]],
    ['may be no text at all', [said(1, {}, { email: { a: 1 }, phone: true })],
      [['email', null, 'invalid', 'not-a-text', null, 1], ['phone', null, 'invalid', 'not-a-text', null, 1]]],
    ['of one who was nobody then were said when they were said', [identified(3, { profileId: 'anonymous:a', userId: null, traits: { email: 'a@b.example' } })],
      [['email', 'a@b.example', 'valid', null, null, 3]]],
    ['are devices with a token', [said(1, { device: { id: 'd', token: 't' } }), said(2, { device: { id: 'e' } })], [['device', 't', 'valid', null, null, 1]]],
    ['are subscriptions until they expire', [said(1, push('k', { expiresAt: iso(100) })), said(2, chat('7'))],
      [['web-push', 'https://p.example/1', 'invalid', 'expired', 1, 1], ['chat', 'telegram:7', 'valid', null, 2, 2]]],
    ['are not those that were removed', [said(1, push()), said(2, gone)], []],
  ])('%s', (_sentence, events, expected) => {
    expect(shown(after(...events))).toEqual(expected);
  });
});
