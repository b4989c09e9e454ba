import { describe, expect, it } from '@jest/globals';
import type { Aspect, Person } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import { compileSegments, enrol, hear, type Facts, type Occurrence, type Segments } from './index.js';

const noon = Date.parse('2026-03-02T12:00:00Z');
const circle = (index: number) => ({ latitude: (index % 40) * 2 - 40, longitude: Math.floor(index / 40) * 3 - 60, km: 1 });
const ann: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
const at = (latitude: number, longitude: number): Person => ({ ...ann, place: { point: { latitude, longitude, cell: '', at: '2026-03-02T12:00:00Z' } } });

/** A thousand segments of one kind. */
const thousand = (conditionOf: (index: number) => Condition): Segments =>
  compileSegments(Array.from({ length: 1_000 }, (_, index) => ({ id: `s${index}`, where: conditionOf(index) })), noon);

/** The ids of those that an event has asked, and how often the clocks of dates were. */
function askedBy(segments: Segments, news: Partial<Facts>): { segments: readonly string[]; clocks: number } {
  const asked: string[] = [];
  let clocks = 0;
  const facts: Facts = { occurrence: null, person: ann, changed: [], aspects: [], now: noon };
  const membership = enrol(segments, facts);
  for (const segment of segments.all) {
    const { id, matches } = segment;
    Object.assign(segment, { matches: (subject: Parameters<typeof matches>[0]) => (asked.push(id), matches(subject)) });
  }
  for (const clock of segments.byClock.values()) {
    const { turns } = clock;
    Object.assign(clock, { turns: (...given: Parameters<typeof turns>) => ((clocks += 1), turns(...given)) });
  }
  hear(segments, membership, { ...facts, ...news });
  return { segments: asked, clocks };
}

const heard = (kind: Occurrence['heard'], name: string, properties = {}): Partial<Facts> => ({ occurrence: { heard: kind, name, properties, at: noon } });
const aspects = (...all: Aspect[]): Partial<Facts> => ({ aspects: all });

describe('of a thousand segments, only those are asked that mention', () => {
  it.each<[string, (index: number) => Condition, Partial<Facts>, readonly string[]]>([
    ['an event', (index) => ({ performed: `Event ${index}` }), heard('performed', 'Event 7'), ['s7']],
    ['an event with such a property', (index) => ({ performed: 'Ordered', where: [{ property: 'item', equals: index }] }), heard('performed', 'Ordered', { item: 7 }), ['s7']],
    ['an event in a sequence', (index) => ({ sequence: [{ performed: `Event ${index}` }, { performed: `Event ${index + 1}` }] }), heard('performed', 'Event 7'), ['s6', 's7']],
    ['an event that nobody mentions', (index) => ({ not: { performed: `Event ${index}`, withinLast: '7d' } }), heard('performed', 'Else'), []],
    ['what came back about a message', (index) => ({ message: 'opened', journey: `journey-${index}` }), heard('message', 'opened', { messageId: 'm', journey: 'journey-7' }), ['s7']],
    ['a list', (index) => ({ listed: `list-${index}` }), heard('listed', 'list-7', { listed: true }), ['s7']],
    ['a trait', (index) => ({ trait: `trait-${index}`, equals: 1 }), { changed: ['trait-7'] }, ['s7']],
    ['a circle that the person came into or went out of', (index) => ({ place: { within: circle(index) } }), { ...aspects('place'), was: at(circle(7).latitude, circle(7).longitude), person: at(circle(9).latitude, circle(9).longitude) }, ['s7', 's9']],
    ['a border around where the person is', (index) => ({ place: { entered: circle(index), withinLast: '1h' } }), { point: { heard: 'place', name: 'point', properties: circle(7), at: noon } }, ['s7']],
    ['devices', (index) => (index === 7 ? { device: { pushEnabled: true } } : { performed: 'Ordered' }), aspects('devices'), ['s7']],
    ['a segment that changes', (index) => (index === 7 ? { segment: 's6' } : { performed: `Event ${index}` }), heard('performed', 'Event 6'), ['s6', 's7']],
    ['a segment that stays as it is', (index) => (index === 7 ? { segment: 's6' } : { performed: `Event ${index}`, atLeast: 2 }), heard('performed', 'Event 6'), ['s6']],
  ])('%s', (_, conditionOf, news, expected) => {
    expect(askedBy(thousand(conditionOf), news)).toEqual({ segments: expected, clocks: 0 });
  }); // prettier-ignore

  it('a date: of its clocks too', () => {
    const dated = (index: number): Condition => ({ trait: `date-${index}`, withinNext: '3d' });
    expect(askedBy(thousand(dated), { changed: ['date-7'], person: { ...ann, traits: { 'date-7': '2026-03-08' } } })).toEqual({ segments: ['s7'], clocks: 1 });
    expect(askedBy(thousand(dated), { changed: ['plan'] })).toEqual({ segments: [], clocks: 0 });
  });

  it('what is nested in a trait that changes', () => {
    const dated = (index: number): Condition => ({ trait: `contract-${index}.ends`, withinNext: '3d' });
    expect(askedBy(thousand(dated), { changed: ['contract-7'] })).toEqual({ segments: ['s7'], clocks: 1 });
  });

  it('groups, and their clocks', () => {
    const asks = (index: number): Condition => (index === 7 ? { group: { trait: 'renews', withinNext: '3d' } } : { trait: 'renews', withinNext: `${index + 1}d` });
    expect(askedBy(thousand(asks), aspects('groups'))).toEqual({ segments: ['s7'], clocks: 1 });
  });
});
