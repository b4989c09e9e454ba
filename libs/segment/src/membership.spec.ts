import { describe, expect, it } from '@jest/globals';
import type { Condition, Values } from '@tidings/contracts';
import { changeOf, compileSegments, disown, enrol, hear, isBehind, passTime, revise } from './index.js';
import type { CompiledSegment, Segments } from './segments.js';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-02T12:00:00Z');
const defined: Readonly<Record<string, Condition>> = {
  buyers: { performed: 'Ordered', withinLast: '7d' },
  pros: { trait: 'plan', equals: 'pro' },
  berliners: { trait: 'address.city', equals: 'Berlin' },
  'not-visited': { not: { performed: 'Visited' } },
};
const listed = Object.entries(defined).map(([id, where]) => ({ id, where }));
const segments = compileSegments(listed, noon);
const did = (name: string) => ({ name, properties: {}, at: noon });
const facts = (name: string | null, traits: Values = {}, changed = Object.keys(traits), now = noon) => ({
  occurrence: name === null ? null : did(name),
  traits,
  changed,
  now,
});

/** The same segments, writing down which of them are asked. */
function observed(of: Segments): { segments: Segments; asked: string[] } {
  const asked: string[] = [];
  const watch = ({ id, matches }: CompiledSegment): CompiledSegment => ({
    id,
    matches: (subject) => (asked.push(id), matches(subject)),
  });
  const watched = new Map(of.all.map((segment) => [segment.id, watch(segment)]));
  const swap = (list: readonly CompiledSegment[]) => list.map(({ id }) => watched.get(id) ?? fail(id));
  const rules = new Map([...of.byCounter].map(([key, rule]) => [key, { ...rule, segments: swap(rule.segments) }]));
  return {
    asked,
    segments: {
      ...of,
      all: swap(of.all),
      byTrait: new Map([...of.byTrait].map(([name, list]) => [name, swap(list)])),
      byCounter: rules,
      byEvent: Map.groupBy(rules.values(), ({ event }) => event),
    },
  };
}
const fail = (id: string): never => {
  throw new Error(`no segment ${id}`);
};

describe('a profile that nobody knew', () => {
  it('is in every segment that its first event puts it in, and in those of what it never did', () => {
    expect(enrol(segments, facts('Ordered', { plan: 'pro' }))).toMatchObject({
      segments: ['buyers', 'not-visited', 'pros'],
      dueAt: noon + HOUR + 7 * 24 * HOUR,
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
  ])('with %s asks only the segments it can change', (_, event, expected) => {
    const { segments: watched, asked } = observed(segments);
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
    const { segments: watched, asked } = observed(segments);
    const before = enrol(segments, facts('Ordered'));
    const due = before.dueAt ?? 0;
    expect(passTime(watched, before, {}, due - 1)).toBe(before);
    expect(passTime(watched, before, {}, due + HOUR)).toMatchObject({
      segments: ['not-visited'],
      evaluatedAt: due,
      dueAt: null,
    });
    expect(asked).toEqual(['buyers']);
  });
});

describe('a revision', () => {
  const before = enrol(segments, facts('Ordered', { plan: 'pro' }));
  const later = compileSegments(
    [...listed.slice(1), { id: 'regulars', where: { performed: 'Ordered', withinLast: '30d' } }],
    noon + 5_000,
  );

  it('is as of the moment of publication, enters what is new, leaves what is gone', () => {
    const after = revise(later, before, { plan: 'pro' }, {});
    expect(after).toMatchObject({ evaluatedAt: noon + 5_000, revisedAt: noon + 5_000, revision: later.revision });
    expect(changeOf(before.segments, after.segments)).toEqual({ entered: ['regulars'], left: ['buyers'] });
  });

  it('has a higher position each time, also when what is newest was taken back', () => {
    const after = revise(later, before, {}, {});
    expect(revise(segments, after, {}, {}).revisedAt).toBe(noon + 5_001);
  });

  it('is left to those who know of newer segments, for as long as they may not have reached everybody', () => {
    const after = revise(later, before, {}, {});
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
