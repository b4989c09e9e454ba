import { describe, expect, it } from '@jest/globals';
import { checkJourney } from './check-journey.js';

const say = { message: { email: { template: 'hello' } } };
const journey = (steps: unknown, more: object = {}) => ({ id: 'j', entry: [{ event: 'Begin' }], steps, ...more });
const problems = (document: unknown) => checkJourney(document).map(({ place, message }) => `${place}: ${message}`);

/** A chain of branches of which each leads to both of the next two. */
const ladder = Array.from({ length: 200 }, (_, index) => ({
  id: `s${index}`,
  branch: { if: { segment: 'x' }, then: index < 199 ? `s${index + 1}` : 'end', else: index < 198 ? `s${index + 2}` : 'end' },
}));

describe('checkJourney', () => {
  it.each<[string, unknown]>([
    ['one step', journey([{ id: 'a', ...say }])],
    ['every type of step', journey([
      { id: 'a', delay: '1d' },
      { id: 'b', waitFor: { event: 'Order', atMost: '7d' }, onEvent: 'd' },
      { id: 'c', branch: { if: { any: [{ trait: 'plan', equals: 'x' }, { not: { segment: 's' } }] }, then: 'd', else: 'end' } },
      { id: 'd', message: { push: { template: 't' }, email: { template: 't' }, lane: 'bulk', expiresAfter: '2h' }, next: 'end' },
    ])],
    ['every type of entry', journey([{ id: 'a', ...say }], { entry: [{ event: 'E', where: [{ property: 'a.b', exists: true }] }, { segment: 's' }, { api: true }] })],
    ['a key that an event or the API brings', journey([{ id: 'a', ...say }], { key: 'properties.cart_id', entry: [{ event: 'E' }, { api: true }] })],
    ['ways that part and meet again, two hundred times', journey(ladder)],
  ])('finds nothing wrong with %s', (_sentence, document) => {
    expect(problems(document)).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ['no object', 7, [': must be an object']],
    ['nothing', null, [': must be an object']],
    ['fields that are missing', { id: 'j' }, ['entry: is missing', 'steps: is missing']],
    ['a field that does not exist', journey([{ id: 'a', ...say }], { stepz: 1 }), ['stepz: there is no such field']],
    ['no steps', journey([]), ['steps: must not have fewer than 1 items']],
    ['a step that is of no type', journey([{ id: 'a', sleep: '1d' }]), ['steps[0]: must have one of the fields delay, waitFor, branch, message']],
    ['a step that is no object', journey(['a']), ['steps[0]: must have one of the fields delay, waitFor, branch, message']],
    ['a step of two types', journey([{ id: 'a', delay: '1d', ...say }]), ['steps[0]: has delay and message, and must have just one of them']],
    ['a field of another type of step', journey([{ id: 'a', delay: '1d', onTimeout: 'end' }]), ['steps[0].onTimeout: there is no such field']],
    ['a duration that is none', journey([{ id: 'a', delay: '10 minutes' }]), ['steps[0].delay: must be a whole number and a unit (s, m, h, d or w), such as 30m or 7d']],
    ['a wait without an end', journey([{ id: 'a', waitFor: { event: 'E' } }]), ['steps[0].waitFor.atMost: is missing']],
    ['a duration nobody lives to see', journey([{ id: 'a', delay: '999999w' }]), ['steps[0].delay: must be at most 3650d']],
    ['a message on no channel', journey([{ id: 'a', message: {} }]), ['steps[0].message: names no channel: add push or email']],
    ['a channel that does not exist', journey([{ id: 'a', message: { fax: { template: 't' } } }]), ['steps[0].message.fax: there is no such field']],
    ['an entry of no type', journey([{ id: 'a', ...say }], { entry: [{ on: 'E' }] }), ['entry[0]: must have one of the fields event, segment, api']],
    ['a mistake deep in a condition', journey([{ id: 'a', branch: { if: { all: [{ segment: 's' }, { trait: 'x', equals: 1, equal: 1 }] }, then: 'end', else: 'end' } }]),
      ['steps[0].branch.if.all[1].equal: there is no such field']],
    ['an event rule that compares nothing', journey([{ id: 'a', ...say }], { exit: [{ event: 'E', where: [{ property: 'x' }] }] }),
      ['exit[0].where[0]: must have at least one of equals, notEquals, oneOf, contains, exists, greaterThan, lessThan, atLeast, atMost, between, startsWith, endsWith, matches, before, after']],
    ['a border that was crossed', journey([{ id: 'a', branch: { if: { place: { left: { latitude: 0, longitude: 0, km: 1 }, withinLast: '1h' } }, then: 'end', else: 'end' } }]),
      ['steps[0].branch.if.place.left: a journey does not know the history: put this condition in a segment and ask for the `segment` here']],
    ['a condition over the history', journey([{ id: 'a', branch: { if: { not: { performed: 'Order' } }, then: 'end', else: 'end' } }]),
      ['steps[0].branch.if.not.performed: a journey does not know the history: put this condition in a segment and ask for the `segment` here']],
    ['two steps with one id', journey([{ id: 'a', ...say }, { id: 'a', ...say }]), ['steps[1].id: there is another step with the id "a"']],
    ['a step called end', journey([{ id: 'end', ...say }]), ['steps[0].id: `end` is where every journey ends; give the step another id']],
    ['a step that leads nowhere', journey([{ id: 'a', waitFor: { event: 'E', atMost: '1d' }, onTimeout: 'b' }]), ['steps[0].onTimeout: there is no step "b"']],
    ['a branch that leads nowhere', journey([{ id: 'a', branch: { if: { segment: 's' }, then: 'x', else: 'end' } }]), ['steps[0].branch.then: there is no step "x"']],
    ['a step that no way leads to', journey([{ id: 'a', ...say, next: 'end' }, { id: 'b', ...say }]), ['steps[1]: no way leads to the step "b"']],
    ['a circle', journey([{ id: 'a', delay: '1d' }, { id: 'b', delay: '1d' }, { id: 'c', ...say, next: 'b' }]), ['steps: goes round in a circle: b -> c -> b']],
    ['a step that leads to itself', journey([{ id: 'a', delay: '1d', next: 'a' }]), ['steps: goes round in a circle: a -> a']],
    ['a key without an event that brings it', journey([{ id: 'a', ...say }], { key: 'properties.c', entry: [{ segment: 's' }] }),
      ['entry[0].segment: no event brings the key when a segment is entered: leave out `key`, or begin by an event or the API']],
    ['a key that is no path', journey([{ id: 'a', ...say }], { key: 'cart_id' }), ['key: must be a path into the event, such as properties.cart_id']],
    ['sameKey where there is no key', journey([{ id: 'a', waitFor: { event: 'E', sameKey: 'properties.c', atMost: '1d' } }], { exit: [{ event: 'E', sameKey: 'properties.c' }] }),
      ['exit[0].sameKey: the journey has no `key` to compare with', 'steps[0].waitFor.sameKey: the journey has no `key` to compare with']],
  ])('refuses %s, and says where', (_sentence, document, expected) => {
    expect(problems(document)).toEqual(expected);
  });

  it('refuses hostile documents without being hurt', () => {
    let deep: unknown = { segment: 's' };
    for (let depth = 0; depth < 10_000; depth++) deep = { not: deep };
    const document = journey([{ id: 'a', branch: { if: deep, then: 'end', else: 'end' } }]);
    expect(problems(document).join()).toContain('must not be nested deeper');
    expect(problems(JSON.parse('{"__proto__": {"entry": []}, "id": "j"}'))).not.toEqual([]);
  });
});
