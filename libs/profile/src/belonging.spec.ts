import { describe, expect, it } from '@jest/globals';
import type { AcceptedEvent, Values } from '@tidings/contracts';
import fc from 'fast-check';
import {
  applyEvent,
  applyGroup,
  heldAgainst,
  MAX_GROUPS,
  mergeProfiles,
  newGroup,
  newProfile,
  withGroupTraits,
  type GroupState,
  type ProfileState,
} from './index.js';
import { identified, iso, noon } from './events.fixture.js';

const grouped = (minutes: number, groupId: string, traits: Values = {}, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  identified(minutes, { type: 'group', name: 'group', properties: { groupId, traits }, traits: {}, ...change });
const left = (minutes: number, groupId: string): AcceptedEvent =>
  grouped(minutes, groupId, {}, { properties: { groupId, left: true } });
const after = (...events: AcceptedEvent[]): ProfileState =>
  events.reduce((profile, next) => applyEvent(profile, next).profile, newProfile('ada', iso(0)));
const belongs = ({ groups }: ProfileState) => groups.map(({ id, since }) => [id, (since - noon) / 60_000]);

describe('belonging to groups', () => {
  it.each<[string, AcceptedEvent[], [string, number][]]>([
    ['begins with a call', [grouped(1, 'a')], [['a', 1]]],
    ['is since the first call', [grouped(5, 'a'), grouped(1, 'a'), grouped(9, 'a')], [['a', 1]]],
    ['has the longest first', [grouped(5, 'a'), grouped(1, 'b')], [['b', 1], ['a', 5]]],
    ['ends', [grouped(1, 'a'), left(2, 'a')], []],
    ['that ended stays so when an older call comes late', [left(2, 'a'), grouped(1, 'a')], []],
    ['begins again', [grouped(1, 'a'), left(2, 'a'), grouped(3, 'a'), grouped(4, 'a')], [['a', 3]]],
    ['begins again, and is not older for what was before', [grouped(1, 'a'), grouped(3, 'a'), left(2, 'a'), grouped(1, 'a')], [['a', 3]]],
    ['goes on where the end was before', [grouped(3, 'a'), left(2, 'a')], [['a', 3]]],
    ['needs the id of a group', [grouped(1, '', {}), grouped(1, 'x'.repeat(256)), grouped(1, 'a', {}, { type: 'track' })], []],
  ])('%s', (_, events, expected) => {
    expect(belongs(after(...events))).toEqual(expected);
  }); // prettier-ignore

  it('has bounds', () => {
    const full = after(...Array.from({ length: MAX_GROUPS }, (_none, n) => grouped(n, `g${n}`)));
    expect(applyEvent(full, grouped(99, 'one more'))).toMatchObject({ limited: ['groups'] });
    expect(applyEvent(full, grouped(99, 'one more')).profile.groups).toBe(full.groups);
    expect(applyEvent(full, grouped(99, 'g7')).limited).toEqual([]);
    const many = after(...Array.from({ length: 200 }, (_none, n) => left(n, `g${n}`)));
    expect(many.leftGroups).toHaveLength(50);
  });

  it('leaves the traits of a call to the group, and of its context to the person', () => {
    const event = grouped(1, 'a', { plan: 'pro' }, { traits: { name: 'Ada' } });
    expect(after(event).traits).toEqual({ name: 'Ada' });
    expect(applyGroup(newGroup('a', iso(0)), event).group.traits).toEqual({ plan: 'pro' });
  });

  it('is the same of two who are one person, whatever was whose and when', () => {
    const call = fc.record({ at: fc.nat(500), who: fc.boolean(), group: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
        const of = (list: typeof calls) => after(...list.map(({ at, group }) => grouped(at, group)));
        const [mine, others] = [calls.filter(({ who }) => who), calls.filter(({ who }) => !who)];
        const merged = mergeProfiles(of(mine), { ...of(others), id: 'eve' }, { id: 'eve', at: iso(9), by: 'm' }).profile;
        expect(belongs(merged)).toEqual(belongs(of(calls)));
      }),
    );
  });
});

describe('a group', () => {
  const group = (...events: AcceptedEvent[]): GroupState =>
    events.reduce((before, next) => applyGroup(before, next).group, newGroup('a', iso(0)));

  it('is the same in whatever order its members call, and rises with every change', () => {
    const call = fc.record({ at: fc.nat(1_000), traits: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom(null, 1, 2)) });
    const calls = fc.uniqueArray(call, { selector: ({ at }) => at, maxLength: 10 });
    fc.assert(
      fc.property(calls, calls, (list, other) => {
        const events = [...list, ...other.filter(({ at }) => list.every((each) => each.at !== at))].map(({ at, traits }) => grouped(at, 'a', traits));
        const inOrder = events.toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
        expect(group(...events).traits).toEqual(group(...inOrder).traits);
        let before = newGroup('a', iso(0));
        for (const event of events) {
          const { group: next, changed } = applyGroup(before, event);
          expect(next.version - before.version).toBe(changed.length > 0 ? 1 : 0);
          expect(next.length).toBe(JSON.stringify(next.traits).length);
          before = next;
        }
      }),
    );
  });

  it('has room for so many traits', () => {
    expect(applyGroup(newGroup('a', iso(0)), grouped(1, 'a', { long: 'x'.repeat(70_000) }))).toMatchObject({ full: true, changed: [] });
  });
});

describe('whoever is held against their groups', () => {
  const known = (id: string, length: number, version = 1): GroupState => ({
    ...newGroup(id, iso(0)),
    version,
    traits: { text: 'x'.repeat(length) },
    length: length + 11,
  });
  const of = (...groups: GroupState[]) => (id: string) => groups.find((each) => each.id === id) ?? null;
  const ada = after(grouped(1, 'a'), grouped(2, 'b'), grouped(3, 'c'));

  it('knows their traits, and is the same until one changes', () => {
    const groupOf = of(known('a', 1), known('b', 2), known('c', 3));
    const held = heldAgainst(ada, groupOf);
    expect(held.groups).toMatchObject([{ version: 1, traits: { text: 'x' } }, { version: 1 }, { version: 1 }]);
    expect(heldAgainst(held, groupOf)).toBe(held);
    expect(heldAgainst(held, of())).toBe(held);
    const b = known('b', 5, 2);
    const changed = heldAgainst(held, (id) => (id === 'b' ? b : groupOf(id)));
    expect(changed.groups.map((each, index) => each === held.groups[index])).toEqual([true, false, true]);
  });

  it('knows of those that were joined last only as many traits as there is room for', () => {
    const groupOf = of(known('a', 40_000), known('b', 40_000), known('c', 10_000));
    expect(heldAgainst(ada, groupOf).groups.map(({ traits }) => Object.keys(traits))).toEqual([['text'], [], ['text']]);
  });

  it('is still to be held against what was only read', () => {
    const groupOf = of(known('a', 1), known('b', 2), known('c', 3));
    const read = withGroupTraits(ada, groupOf);
    expect(read.groups).toMatchObject([{ version: 0, traits: { text: 'x' } }, { version: 0 }, { version: 0 }]);
    expect(heldAgainst(read, groupOf)).not.toBe(read);
  });
});
