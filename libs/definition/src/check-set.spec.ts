import { describe, expect, it } from '@jest/globals';
import { checkSet } from './check-set.js';
import { nothingKnown, type UncheckedSet } from './definition-set.js';

const template = { id: 'hello', push: { title: 'Hello', body: 'Hello {{ profile.first_name }}' } };
const segment = { id: 'premium', where: { trait: 'plan', equals: 'premium' } };
const journey = {
  id: 'welcome',
  entry: [{ event: 'Signed Up' }],
  steps: [{ id: 'hello', message: { push: { template: 'hello' } } }],
};
const right: UncheckedSet = { segments: [segment], journeys: [journey], templates: [template] };

const problemsOf = (set: Partial<UncheckedSet>) => {
  const checked = checkSet({ ...right, ...set }, nothingKnown);
  return checked.ok ? [] : checked.problems.map(({ kind, id, place, message }) => `${kind} ${id} ${place}: ${message}`);
};

describe('checkSet', () => {
  it('takes a set in which everything is right', () => {
    expect(checkSet(right, nothingKnown)).toMatchObject({ ok: true });
  });

  it.each<[string, Partial<UncheckedSet>, RegExp]>([
    ['an unknown field', { journeys: [{ ...journey, color: 'red' }] }, /^journey welcome color: /],
    ['a step that goes nowhere', { journeys: [{ ...journey, steps: [{ id: 'a', delay: '1h', next: 'b' }] }] }, /^journey welcome steps\[0\]\.next: /],
    [
      'a cycle',
      { journeys: [{ ...journey, steps: [{ id: 'a', delay: '1h', next: 'b' }, { id: 'b', delay: '1h', next: 'a' }] }] },
      /^journey welcome .*(a.*b|cycle|loop)/,
    ],
    ['a comparison of the wrong type', { segments: [{ id: 'x', where: { all: [{ performed: 'A', atLeast: 0 }] } }] }, /^segment x where\.all\[0\]\.atLeast: /],
    ['a condition of no kind', { segments: [{ id: 'x', where: { colour: 'red' } }] }, /^segment x where/],
    ['a segment that refers to none', { segments: [{ id: 'x', where: { not: { segment: 'gone' } } }] }, /^segment x where\.not\.segment: there is no segment "gone"/],
    [
      'segments that refer to each other in a circle',
      { segments: [{ id: 'x', where: { segment: 'y' } }, { id: 'y', where: { any: [{ segment: 'z' }] } }, { id: 'z', where: { not: { segment: 'x' } } }] },
      /^segment x where: asks for itself in the end: x -> y -> z -> x$/,
    ],
    ['a condition that is not one', { segments: [{ id: 'x', where: { trait: 'a', matches: '(' } }] }, /^segment x where\.matches: is no regular expression/],
    [
      'a branch that would need the history',
      { journeys: [{ ...journey, steps: [{ id: 'a', branch: { if: { any: [{ message: 'opened' }] }, then: 'end', else: 'end' } }] }] },
      /^journey welcome steps\[0\]\.branch\.if\.any\[0\]\.message: a journey does not know the history/,
    ],
    ['a template that is no Liquid', { templates: [{ id: 'hello', push: { title: '{{ profile', body: 'x' } }] }, /^template hello push\.title: /],
    ['two with one id', { segments: [segment, segment] }, /^segment premium id: there is another/],
    ['a template that does not exist', { templates: [] }, /^journey welcome steps\[0\]\.message\.push\.template: there is no template "hello"/],
    ['a template without the channel', { journeys: [{ ...journey, steps: [{ id: 'a', message: { email: { template: 'hello' } } }] }] }, /no content for email/],
    ['a segment that does not exist', { journeys: [{ ...journey, entry: [{ segment: 'gone' }] }] }, /^journey welcome entry\[0\]\.segment: there is no segment "gone"/],
    ['a computed trait that works out nothing', { computedTraits: [{ id: 'spent', performed: 'Ordered' }] }, /^computed-trait spent : must have one of count, sum/],
    ['a computed trait that does not exist', { segments: [{ id: 'x', where: { not: { computed: 'gone', atLeast: 1 } } }] }, /^segment x where\.not\.computed: there is no computed trait "gone"/],
    [
      'a branch that asks for a computed trait that does not exist',
      { journeys: [{ ...journey, steps: [{ id: 'a', branch: { if: { computed: 'gone', atLeast: 1 }, then: 'end', else: 'end' } }] }] },
      /^journey welcome steps\[0\]\.branch\.if\.computed: there is no computed trait "gone"/,
    ],
    ['a source whose mapping does not parse', { sources: [{ id: 'orders', kafka: { topic: 'orders' }, map: { type: "'track'", userId: '((' } }] }, /^source orders map\.userId: is no JSONata/],
    ['a source from nowhere', { sources: [{ id: 'orders', map: 'x' }] }, /^source orders : say either kafka or webhook/],
    ['something that is no object', { journeys: [null] }, /^journey #1/],
  ])('refuses %s and says where', (_name, set, expected) => {
    expect(problemsOf(set).join('\n')).toMatch(expected);
  });

  it('takes computed traits of the set, and those that are published', () => {
    const computedTraits = [{ id: 'spent', performed: 'Ordered', sum: 'total' }];
    const segments = [segment, { id: 'x', where: { all: [{ computed: 'spent', atLeast: 1 }, { computed: 'orders', atLeast: 1 }] } }];
    const known = { ...nothingKnown, computedTraits: new Set(['orders']) };
    expect(checkSet({ ...right, segments, computedTraits }, known)).toMatchObject({ ok: true, set: { computedTraits } });
  });

  it.each([
    ['says of what is in no file where it is checked against what is published', nothingKnown, 'there is no segment "gone" in these files; if it is published already, "tidings diff" checks against that'],
    ['says of what is not published either that there is none', { segments: new Set<string>(), templates: new Set<string>() }, 'there is no segment "gone"'],
  ])('%s', (_, known, message) => {
    const segments = [segment, { id: 'x', where: { segment: 'gone' } }];
    expect(checkSet({ ...right, segments }, known)).toEqual({ ok: false, problems: [{ kind: 'segment', id: 'x', place: 'where.segment', message }] });
  });

  it('takes segments that refer to others', () => {
    const segments = [segment, { id: 'x', where: { all: [{ segment: 'premium' }, { not: { segment: 'published' } }] } }];
    const known = { segments: new Set(['published']), templates: new Set<string>() };
    expect(checkSet({ ...right, segments }, known)).toMatchObject({ ok: true });
  });

  it('refuses a circle that goes through what is published already', () => {
    const known = {
      segments: new Set(['published']),
      templates: new Set<string>(),
      asks: new Map([['published', { segment: 'x' }]]),
    };
    const checked = checkSet({ ...right, segments: [{ id: 'x', where: { segment: 'published' } }] }, known);
    expect(checked).toMatchObject({ ok: false, problems: [{ id: 'x', message: 'asks for itself in the end: published -> x -> published' }] });
  });

  it('takes a reference to what is published already', () => {
    const known = { segments: new Set<string>(), templates: new Set(['hello']) };
    expect(checkSet({ ...right, templates: [] }, known)).toMatchObject({ ok: true });
  });
});
