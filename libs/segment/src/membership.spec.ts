import { describe, expect, it } from '@jest/globals';
import type { Person, Subject } from '@tidings/condition';
import type { Condition, Values } from '@tidings/contracts';
import { changeOf, compileSegments, disown, enrol, hear, isBehind, passTime, revise } from './index.js';
import type { Facts, Occurrence, PublishedSegment, Segments } from './index.js';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-02T12:00:00Z');
const defined: Readonly<Record<string, Condition>> = {
  buyers: { performed: 'Ordered', withinLast: '7d' },
  pros: { trait: 'plan', equals: 'pro' },
  berliners: { trait: 'address.city', equals: 'Berlin' },
  'not-visited': { not: { performed: 'Visited' } },
  engaged: { message: 'opened' },
  reachable: { device: { pushEnabled: true } },
  agreed: { consent: 'email', is: 'agreed' },
  'birthday-today': { trait: 'born', anniversary: {} },
};
const listed = Object.entries(defined).map(([id, where]) => ({ id, where }));
const segments = compileSegments(listed, noon);
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
const annWith = (traits: Values): Person => ({ ...ann, traits });
const did = (name: string): Occurrence => ({ heard: 'performed', name, properties: {}, at: noon });
const facts = (name: string | null, traits: Values = {}, changed = Object.keys(traits), now = noon): Facts => ({
  occurrence: name === null ? null : did(name),
  person: annWith(traits),
  changed,
  aspects: [],
  now,
});
const opened: Facts = {
  ...facts(null),
  occurrence: { heard: 'message', name: 'opened', properties: { messageId: 'm' }, at: noon },
};

/** The same segments, writing down which of them are asked. */
function observed(where: readonly PublishedSegment[] = listed): { segments: Segments; asked: string[] } {
  const asked: string[] = [];
  const watched = compileSegments(where, noon);
  for (const segment of watched.all) {
    const { id, matches } = segment;
    Object.assign(segment, { matches: (subject: Subject) => (asked.push(id), matches(subject)) });
  }
  return { asked, segments: watched };
}

describe('a profile that nobody knew', () => {
  it('is in every segment that its first event puts it in, and in those of what it never did', () => {
    expect(enrol(segments, facts('Ordered', { plan: 'pro' }))).toMatchObject({
      segments: ['buyers', 'not-visited', 'pros'],
      dueAt: noon + 7 * 24 * HOUR,
    });
  });
});

describe('an event', () => {
  it.each([
    ['a name that a segment mentions', facts('Visited'), ['not-visited']],
    ['a name that none mentions', facts('Else'), []],
    ['a trait', facts(null, { plan: 'free' }), ['pros']],
    ['a trait of which a part is mentioned', facts(null, { address: {} }), ['berliners']],
    ['a trait that did not change', facts(null, { plan: 'free' }, []), []],
    ['what came back about a message', opened, ['engaged']],
    ['an event named like what comes back', facts('opened'), []],
    ['another device', { ...facts(null), aspects: ['devices' as const] }, ['reachable']],
    ['another consent', { ...facts(null), aspects: ['consent' as const] }, ['agreed']],
    ['another zone', { ...facts(null), aspects: ['timezone' as const] }, ['birthday-today']],
  ])('with %s asks only the segments it can change', (_, event, expected) => {
    const { segments: watched, asked } = observed();
    const before = enrol(segments, facts(null));
    hear(watched, before, event);
    expect(asked).toEqual(expected);
  });

  it('received before the last moment that was looked at counts at that moment', () => {
    const late = hear(segments, enrol(segments, facts(null, {}, [], noon)), facts('Ordered', {}, [], noon - HOUR));
    expect(late.evaluatedAt).toBe(noon);
  });

  it('does not forget what is in no bucket any more', () => {
    const first = enrol(segments, facts('Visited'));
    const later = hear(segments, first, facts('Else', {}, [], noon + 1_000 * HOUR));
    expect(later.counters).toEqual({ 'e:Visited': 1 });
  });
});

describe('time', () => {
  it('asks only the segments whose moment has come, and no one before', () => {
    const { segments: watched, asked } = observed();
    const before = enrol(segments, facts('Ordered'));
    const due = before.dueAt ?? 0;
    expect(passTime(watched, before, ann, due - 1)).toBe(before);
    expect(passTime(watched, before, ann, due + HOUR)).toMatchObject({
      segments: ['not-visited'],
      evaluatedAt: due,
      dueAt: null,
    });
    expect(asked).toEqual(['buyers']);
  });
});

describe('a segment that asks for others', () => {
  const chain: readonly PublishedSegment[] = [
    { id: 'a-top', where: { segment: 'm-middle' } },
    { id: 'm-middle', where: { all: [{ segment: 'z-bottom' }, { trait: 'plan', equals: 'pro' }] } },
    { id: 'other', where: { segment: 'nobody-knows' } },
    { id: 'z-bottom', where: { performed: 'Ordered', withinLast: '1h' } },
  ];

  it('changes with them, in their order, at the same event and the same moment', () => {
    const { segments: watched, asked } = observed(chain);
    const before = enrol(watched, facts(null, { plan: 'pro' }));
    asked.length = 0;
    const inside = hear(watched, before, facts('Ordered', { plan: 'pro' }, []));
    expect(inside.segments).toEqual(['a-top', 'm-middle', 'z-bottom']);
    expect(asked).toEqual(['z-bottom', 'm-middle', 'a-top']);
    expect(passTime(watched, inside, annWith({ plan: 'pro' }), inside.dueAt ?? 0).segments).toEqual([]);
  });

  it('is asked after them also when the same event is about both', () => {
    const both = compileSegments(
      [
        { id: 'a', where: { performed: 'Ordered' } },
        { id: 'b', where: { performed: 'Ordered', withinLast: '1h' } },
        { id: 'c', where: { all: [{ performed: 'Ordered' }, { segment: 'b' }] } },
      ],
      noon,
    );
    expect(hear(both, enrol(both, facts(null)), facts('Ordered')).segments).toEqual(['a', 'b', 'c']);
  });

  it('is not asked while none of them changes', () => {
    const { segments: watched, asked } = observed(chain);
    const before = enrol(watched, facts('Ordered'));
    asked.length = 0;
    hear(watched, before, facts('Ordered'));
    expect(asked).toEqual(['z-bottom']);
  });

  it('is left out when it asks for itself in the end, and the others are not', () => {
    const { all, cycles } = compileSegments(
      [
        { id: 'a', where: { segment: 'b' } },
        { id: 'b', where: { not: { segment: 'c' } } },
        { id: 'c', where: { any: [{ segment: 'a' }, { segment: 'd' }] } },
        { id: 'd', where: { trait: 'plan', exists: true } },
        { id: 'e', where: { segment: 'a' } },
        { id: 'f', where: { segment: 'f' } },
      ],
      noon,
    );
    expect(all.map(({ id }) => id)).toEqual(['d', 'e']);
    expect(cycles).toEqual([
      ['a', 'b', 'c', 'a'],
      ['f', 'f'],
    ]);
  });
});

describe('a revision', () => {
  const before = enrol(segments, facts('Ordered', { plan: 'pro' }));
  const later = compileSegments(
    [...listed.slice(1), { id: 'regulars', where: { performed: 'Ordered', withinLast: '30d' } }],
    noon + 5_000,
  );

  it('is as of the moment of publication, enters what is new, leaves what is gone', () => {
    const after = revise(later, before, annWith({ plan: 'pro' }), {});
    expect(after).toMatchObject({ evaluatedAt: noon + 5_000, revisedAt: noon + 5_000, revision: later.revision });
    expect(changeOf(before.segments, after.segments)).toEqual({ entered: ['regulars'], left: ['buyers'] });
  });

  it('has a higher position each time, also when what is newest was taken back', () => {
    const after = revise(later, before, ann, {});
    expect(revise(segments, after, ann, {}).revisedAt).toBe(noon + 5_001);
  });

  it('is left to those who know of newer segments, for as long as they may not have reached everybody', () => {
    const after = revise(later, before, ann, {});
    expect([noon + 6_000, noon + 700_000].map((now) => isBehind(segments, after, now))).toEqual([true, false]);
    expect(disown(segments, { ...after, counters: { ...after.counters, 'm:New': 1 } })).toMatchObject({
      revision: '',
      counters: after.counters,
    });
  });
});

describe('a set of segments', () => {
  it('is revised when what it asks changes, and not when its order does', () => {
    expect(compileSegments(listed.toReversed(), noon + 1).revision).toBe(segments.revision);
    expect(compileSegments(listed.slice(1), noon).revision).not.toBe(segments.revision);
  });

  it('shares a counter between segments that count the same', () => {
    const shared = compileSegments(
      [
        { id: 'a', where: { performed: 'X', withinLast: '2d' } },
        { id: 'b', where: { performed: 'X', withinLast: '60d', atLeast: 5 } },
      ],
      noon,
    );
    expect([...shared.byCounter.values()]).toMatchObject([
      { key: 'h:X', segments: [{ id: 'a' }, { id: 'b' }], thresholds: [{ atLeast: 1 }, { atLeast: 5 }] },
    ]);
  });
});
