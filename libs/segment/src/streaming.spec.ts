import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import type { Values } from '@tidings/contracts';
import fc from 'fast-check';
import { asRead } from './as-read.fixture.js';
import { action, computedPool, computedTraits, pool, start, type Action } from './histories.fixture.js';
import {
  computedValues,
  countersOf,
  enrol,
  hear,
  memberships,
  missingCounters,
  nextChange,
  passTime,
  revise,
} from './index.js';
import {
  compileSegments,
  type Facts,
  type Membership,
  type Occurrence,
  type PublishedSegment,
  type Segments,
} from './index.js';
import { recomputedValue } from './recomputed-value.fixture.js';
import { recomputed } from './recomputed.fixture.js';

/** One profile whose memberships are streamed, and the whole of its history to compare them with. */
class Walk {
  private now = start;
  private defined: readonly PublishedSegment[] = [];
  private segments: Segments = compileSegments([], start);
  private person: Person = { id: 'ann', traits: {}, devices: [], consent: {}, timezone: null };
  private readonly history: Occurrence[] = [];
  private membership: Membership | null = null;
  changes = 0;

  constructor(which: readonly number[]) {
    this.define(which);
  }

  take(step: Action): void {
    switch (step.do) {
      case 'event':
        return this.happen(
          { ...step, properties: { total: step.total, item: step.item }, at: this.now - step.lateBy },
          {},
          step.queuedFor,
        );
      case 'receipt':
        return this.happen(
          { heard: 'message', name: step.name, properties: receiptOf(step.message), at: this.now - step.lateBy },
          {},
          step.queuedFor,
        );
      case 'point':
        return this.happen(
          { heard: 'place', name: 'point', properties: step.point, at: this.now - step.lateBy },
          {},
          step.queuedFor,
        );
      case 'list':
        return this.happen(
          { heard: 'listed', name: step.name, properties: { listed: step.listed }, at: this.now - step.lateBy },
          {},
          step.queuedFor,
        );
      case 'identify':
        return this.identify(step.traits);
      case 'change':
        return this.change(step.person);
      case 'wait':
        return this.waitUntil(this.now + step.ms);
      case 'wait-until-due':
        return this.waitUntil(Math.max(this.now, this.due() + step.offset));
      case 'publish':
        this.define(step.which);
        return this.revise();
    }
  }

  private due(): number {
    return this.membership?.dueAt ?? this.now;
  }

  private identify(traits: Values): void {
    const changed = [...new Set([...Object.keys(this.person.traits), ...Object.keys(traits)])];
    this.happen(null, { changed, person: { ...this.person, traits } }, 0);
  }

  private change(person: Partial<Person>): void {
    this.happen(null, { aspects: Object.keys(person) as Facts['aspects'], was: this.person, person: { ...this.person, ...person } }, 0);
  }

  private define(which: readonly number[]): void {
    this.defined = which.flatMap((index) => {
      const where = pool[index];
      const computed = computedPool[index - pool.length];
      if (where !== undefined) return [{ id: `segment-${index}`, where }];
      return computed === undefined ? [] : [{ id: `computed-${index - pool.length}`, where: computed }];
    });
    this.segments = compileSegments(this.defined, this.now, computedTraits);
  }

  private happen(occurrence: Occurrence | null, news: Partial<Facts>, queuedFor: number): void {
    const facts = { changed: [], aspects: [], person: this.person, ...news, occurrence, now: this.now - queuedFor };
    // Time passes for what the profile was.
    const before = this.membership === null ? null : this.passed(facts.now);
    if (occurrence !== null) this.history.push(occurrence);
    this.person = facts.person;
    this.membership = asKept(before === null ? enrol(this.segments, facts) : hear(this.segments, before, facts));
    this.compare(this.membership.evaluatedAt);
  }

  private waitUntil(until: number): void {
    this.now = until;
    if (this.membership === null) return;
    const { dueAt } = this.membership;
    // Between two moments nothing changes, up to the last millisecond before the next.
    if (dueAt !== null && dueAt > this.membership.evaluatedAt) this.compare(Math.min(until, dueAt - 1));
    this.membership = this.passed(until);
    this.compare(until);
  }

  private revise(): void {
    if (this.membership === null) return;
    const missing = missingCounters(this.segments, this.membership);
    const { evaluatedAt } = this.membership;
    const counters = countersOf(missing, asRead(this.history, missing).toReversed(), evaluatedAt);
    this.membership = asKept(revise(this.segments, this.membership, this.person, counters));
    this.compare(this.membership.evaluatedAt);
  }

  private passed(until: number): Membership {
    let membership = this.membership;
    if (membership === null) throw new Error('nobody is there yet');
    for (let next = passTime(this.segments, membership, this.person, until); next !== membership;) {
      this.changes += 1;
      membership = next;
      this.compareWith(membership, membership.evaluatedAt);
      next = passTime(this.segments, membership, this.person, until);
    }
    return membership;
  }

  private compare(now: number): void {
    if (this.membership === null) return;
    this.compareWith(this.membership, now);
    const { counters } = this.membership;
    const values = computedTraits.map((trait) => [trait.id, recomputedValue(trait, this.history, this.person, now)]);
    expect(computedValues(this.segments, counters, { now, timezone: this.person.timezone })).toEqual(
      Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    );
  }

  private compareWith(membership: Membership, now: number): void {
    expect(membership.segments).toEqual(recomputed(this.defined, this.history, this.person, now, computedTraits));
    const { counters, evaluatedAt } = membership;
    expect(memberships(this.segments, this.person, counters, new Date(now))).toEqual(membership.segments);
    const next = nextChange(this.segments, this.person, counters, new Date(evaluatedAt));
    expect(next?.getTime() ?? null).toBe(membership.dueAt);
  }
}

/** As it comes back from where it is stored. */
const asKept = (membership: Membership): Membership => JSON.parse(JSON.stringify(membership)) as Membership;

const receiptOf = (message: number): Values => ({
  messageId: `m${message}`,
  journey: message > 1 ? 'welcome' : 'other',
  channel: message > 2 ? 'push' : 'email',
});

describe('streaming membership', () => {
  const everything = [...pool, ...computedPool].map((_, index) => index);
  const walks = fc.record({
    which: fc.oneof(fc.constant(everything), fc.uniqueArray(fc.nat(everything.length - 1))),
    steps: fc.array(action, { minLength: 20, maxLength: 80, size: 'max' }),
  });

  it('equals a recomputation from history at every moment, whatever the order in which events come', () => {
    let changes = 0;
    fc.assert(
      fc.property(walks, ({ which, steps }) => {
        const walk = new Walk(which);
        for (const step of steps) walk.take(step);
        changes += walk.changes;
      }),
      { numRuns: 120 },
    );
    // The histories are worth something only if time alone changed many answers in them.

    expect(changes).toBeGreaterThan(50);
  }, 240_000);
});
