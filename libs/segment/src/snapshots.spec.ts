import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import fc from 'fast-check';
import { action, computedPool, computedTraits, MINUTE, pool, start, type Action } from './histories.fixture.js';
import {
  compileSegments,
  countersOf,
  disown,
  enrol,
  hear,
  join,
  memberships,
  missingCounters,
  passTime,
  revise,
  takenIn,
  type Facts,
  type Membership,
  type Occurrence,
  type PublishedSegment,
} from './index.js';
import { recomputed } from './recomputed.fixture.js';

const HOUR = 3_600_000;
const live: readonly PublishedSegment[] = [
  ...pool.map((where, index) => ({ id: `segment-${index}`, where })),
  ...computedPool.map((where, index) => ({ id: `computed-${index}`, where })),
];
const snapshots = (takenAt: number): PublishedSegment[] => live.map(({ id, where }) => ({ id: `snapshot-of-${id}`, where, takenAt }));
const of = (defined: readonly PublishedSegment[], publishedAt: number) => compileSegments(defined, publishedAt, computedTraits);
const isSnapshot = (id: string): boolean => id.startsWith('snapshot-of-');
const snapped = ({ segments }: Membership) => segments.filter(isSnapshot);

/** One profile, of which snapshots are taken at some moment; some of the segments are there before. */
class Life {
  now = start;
  readonly history: Occurrence[] = [];
  person: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
  segments;
  membership: Membership;

  constructor(private readonly before: readonly PublishedSegment[]) {
    this.segments = of(before, start);
    this.membership = enrol(this.segments, { occurrence: null, person: this.person, changed: [], aspects: [], now: start });
  }

  take(step: Action): void {
    if (step.do === 'wait') this.now += step.ms;
    if (step.do === 'identify') this.hear({ changed: ['plan', 'born', 'renews'], person: { ...this.person, traits: step.traits } });
    if (step.do === 'change') this.hear({ aspects: Object.keys(step.person) as Facts['aspects'], person: { ...this.person, ...step.person } });
    const occurrence = occurrenceOf(step, this.now);
    if (occurrence !== null) this.hear({ occurrence });
  }

  /** Somebody looks at the profile for the first time since a publication that may not have been the last. */
  publish(takenAt: number, publishedAt: number): void {
    this.passed(takenAt);
    const counted = new Set(this.segments.byCounter.keys());
    this.segments = of([...this.before, ...snapshots(takenAt)], publishedAt);
    const rules = missingCounters(this.segments, this.membership, { counted });
    const exact = new Set(rules.filter((rule) => rule.exact).flatMap(({ sources }) => sources.map(({ name }) => name)));
    const past = this.history.map((each) => ({ ...each, at: exact.has(each.name) ? each.at : Math.floor(each.at / MINUTE) * MINUTE, times: 1 }));
    this.membership = revise(this.segments, this.membership, this.person, countersOf(rules, past, this.membership.evaluatedAt));
  }

  passed(until: number): void {
    for (let next = this.pass(until); next !== this.membership; next = this.pass(until)) this.membership = next;
  }

  private pass = (until: number) => passTime(this.segments, this.membership, this.person, until);

  private hear(news: Partial<Facts>): void {
    const facts = { occurrence: null, changed: [], aspects: [], person: this.person, ...news, now: this.now };
    this.passed(this.now);
    if (facts.occurrence !== null) this.history.push(facts.occurrence);
    this.person = facts.person;
    this.membership = hear(this.segments, this.membership, facts);
  }
}

function occurrenceOf(step: Action, now: number): Occurrence | null {
  if (step.do === 'point') return { heard: 'place', name: 'point', properties: step.point, at: now - step.lateBy };
  if (step.do === 'list') return { heard: 'listed', name: step.name, properties: { listed: step.listed }, at: now - step.lateBy };
  if (step.do === 'receipt') return { heard: 'message', name: step.name, properties: { messageId: `m${step.message}`, journey: 'welcome', channel: 'email' }, at: now - step.lateBy };
  return step.do === 'event' ? { heard: step.heard, name: step.name, properties: { total: step.total, item: step.item }, at: now - step.lateBy } : null;
}

describe('a snapshot', () => {
  const steps = fc.array(action, { minLength: 5, maxLength: 40, size: 'max' });
  const before = fc.subarray([...live]);

  it('has who met its condition at its moment, from all that was heard until then, and has them ever after', () => {
    let held = 0;
    fc.assert(
      fc.property(before, steps, fc.nat(3 * HOUR), fc.nat(HOUR), steps, (there, first, idle, gap, then) => {
        const life = new Life(there);
        for (const step of first) life.take(step);
        const takenAt = life.now + idle;
        life.publish(takenAt, takenAt + gap);
        const ids = recomputed([...there, ...snapshots(takenAt)], life.history, life.person, takenAt, computedTraits).filter(isSnapshot);
        held += ids.length;
        expect(snapped(life.membership)).toEqual(ids);
        const taken = snapped(life.membership);
        life.now = life.membership.evaluatedAt;
        for (const step of then) life.take(step);
        life.passed(life.now + 40 * 24 * HOUR);
        expect(snapped(life.membership)).toEqual(taken);
        life.publish(takenAt, life.now + 41 * 24 * HOUR);
        expect(snapped(life.membership)).toEqual(taken);
        const asked = memberships(life.segments, life.person, takenIn(life.membership.counters), new Date(life.now));
        expect(asked.filter(isSnapshot)).toEqual(taken);
      }),
      { numRuns: 60 },
    );
    expect(held).toBeGreaterThan(100);
  }, 120_000);
});

describe('who is in a snapshot', () => {
  const noon = start;
  const ann = { id: 'ann', traits: { plan: 'pro' }, devices: [], consent: {}, timezone: null };
  const free = { ...ann, traits: { plan: 'free' } };
  const pros: PublishedSegment = { id: 'pros', where: { trait: 'plan', equals: 'pro' }, takenAt: noon };
  const set = compileSegments([pros], noon);
  const nobody = compileSegments([], noon - 1);
  const facts = (person: Person, now: number): Facts => ({ occurrence: null, person, changed: ['plan'], aspects: [], now });
  const inside = revise(set, enrol(nobody, facts(ann, noon - HOUR)), ann, {});
  const outside = revise(set, enrol(nobody, facts(free, noon - HOUR)), free, {});

  it('does not change with the person', () => {
    expect([inside.segments, outside.segments]).toEqual([['pros'], []]);
    expect(hear(set, inside, facts(free, noon + 1)).segments).toEqual(['pros']);
    expect(hear(set, outside, facts(ann, noon + 1)).segments).toEqual([]);
  });

  it.each<[string, number]>([
    ['since its moment', noon + 1],
    ['before it, and was not known then', noon - 1],
  ])('is nobody who is first heard of %s', (_, now) => {
    const late = enrol(set, facts(ann, now));
    expect(late.segments).toEqual([]);
    expect(revise(compileSegments([pros], noon + HOUR), late, { ...ann, createdAt: new Date(now).toISOString() }, {}).segments).toEqual([]);
  });

  it('is nobody who was made since by somebody who had not heard of it', () => {
    const made = { ...ann, createdAt: new Date(noon + 1).toISOString() };
    expect(revise(set, enrol(nobody, facts(made, noon + 1)), made, {}).segments).toEqual([]);
  });

  it.each<[string, Membership, Membership, string[]]>([
    ['both were', inside, inside, ['pros']],
    ['the one was that stays', inside, outside, ['pros']],
    ['the other was', outside, inside, ['pros']],
    ['the other was, and the one that stays is new', enrol(set, facts(free, noon + 1)), inside, ['pros']],
    ['neither was', outside, outside, []],
  ])('is one person of two where %s', (_, own, other, expected) => {
    const joined = join(set, own, { person: free, history: [], kept: [other.counters], now: noon + HOUR });
    expect(joined.segments).toEqual(expected);
    expect(revise(set, joined, free, {}).segments).toEqual(expected);
  });

  it('is kept by one who has not heard of it', () => {
    const behind = disown(nobody, inside);
    expect(revise(set, { ...behind, segments: [] }, free, {}).segments).toEqual(['pros']);
    const joined = join(nobody, outside, { person: free, history: [], kept: [behind.counters], now: noon + HOUR });
    expect(revise(set, joined, free, {}).segments).toEqual(['pros']);
  });

  it('is asked for like the members of any segment, and taken anew with another moment', () => {
    const asking: PublishedSegment = { id: 'asking', where: { not: { segment: 'pros' } } };
    const both = compileSegments([pros, asking, { id: 'of-it', where: { segment: 'pros' }, takenAt: noon + 2 }], noon + 2);
    expect(revise(both, inside, ann, {}).segments).toEqual(['of-it', 'pros']);
    expect(revise(both, outside, ann, {}).segments).toEqual(['asking']);
    const again = compileSegments([{ ...pros, takenAt: noon + HOUR }], noon + HOUR);
    expect(again.revision).not.toBe(set.revision);
    expect(revise(again, inside, free, {}).segments).toEqual([]);
    expect(Object.keys(revise(again, inside, free, {}).counters)).toHaveLength(1);
  });

  it('costs no more than its answer once it was taken', () => {
    const buyers = compileSegments([{ id: 'buyers', where: { performed: 'Ordered', withinLast: '7d' }, takenAt: noon }], noon);
    const before = enrol(nobody, facts(ann, noon - HOUR));
    expect(missingCounters(buyers, before).map(({ key }) => key)).toEqual(['h:Ordered']);
    expect(missingCounters(buyers, before, { createdAt: noon + 1 })).toEqual([]);
    expect(missingCounters(buyers, before, { counted: new Set(['h:Ordered']) })).toEqual([]);
    const past = countersOf(missingCounters(buyers, before), [{ heard: 'performed', name: 'Ordered', properties: {}, at: noon - HOUR, times: 1 }], noon - HOUR);
    const after = revise(buyers, before, ann, past);
    expect(after).toMatchObject({ segments: ['buyers'], dueAt: null });
    expect(Object.values(after.counters)).toEqual([1]);
    expect([buyers.byEvent.size, missingCounters(buyers, after)]).toEqual([0, []]);
  });
});
