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
    ['a segment that refers to a segment', { segments: [{ id: 'x', where: { segment: 'premium' } }] }, /^segment x where/],
    ['a template that is no Liquid', { templates: [{ id: 'hello', push: { title: '{{ profile', body: 'x' } }] }, /^template hello push\.title: /],
    ['two with one id', { segments: [segment, segment] }, /^segment premium id: there is another/],
    ['a template that does not exist', { templates: [] }, /^journey welcome steps\[0\]\.message\.push\.template: there is no template "hello"/],
    ['a template without the channel', { journeys: [{ ...journey, steps: [{ id: 'a', message: { email: { template: 'hello' } } }] }] }, /no content for email/],
    ['a segment that does not exist', { journeys: [{ ...journey, entry: [{ segment: 'gone' }] }] }, /^journey welcome entry\[0\]\.segment: there is no segment "gone"/],
    ['something that is no object', { journeys: [null] }, /^journey #1/],
  ])('refuses %s and says where', (_name, set, expected) => {
    expect(problemsOf(set).join('\n')).toMatch(expected);
  });

  it('takes a reference to what is published already', () => {
    const known = { segments: new Set<string>(), templates: new Set(['hello']) };
    expect(checkSet({ ...right, templates: [] }, known)).toMatchObject({ ok: true });
  });
});
