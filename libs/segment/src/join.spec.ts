import { describe, expect, it } from '@jest/globals';
import type { Person } from '@tidings/condition';
import fc from 'fast-check';
import { asRead } from './as-read.fixture.js';
import { action, computedPool, computedTraits, MINUTE, pool, start, type Action } from './histories.fixture.js';
import { compileSegments, enrol, hear, join, nextChange, passTime, type Membership, type Occurrence } from './index.js';
import { recomputed } from './recomputed.fixture.js';

const defined = [
  ...pool.map((where, index) => ({ id: `segment-${index}`, where })),
  ...computedPool.map((where, index) => ({ id: `computed-${index}`, where })),
];
const segments = compileSegments(defined, start, computedTraits);
const person: Person = { id: 'ann', traits: { plan: 'pro' }, devices: [], consent: {}, timezone: null };
const nothingElse = { person, changed: [], aspects: [] };

/** What happens to two profiles that turn out to be one: `theirs` says whether the other did it. */
const happenings = fc.array(fc.record({ step: action, theirs: fc.boolean() }), {
  minLength: 10,
  maxLength: 60,
  size: 'max',
});

function occurrenceOf(step: Action, now: number): Occurrence | null {
  if (step.do === 'event') {
    const { heard, name, total, item, lateBy } = step;
    return { heard, name, properties: { total, item }, at: now - lateBy };
  }
  if (step.do === 'point') return { heard: 'place', name: 'point', properties: step.point, at: now - step.lateBy };
  if (step.do !== 'receipt') return null;
  const { name, message, lateBy } = step;
  return {
    heard: 'message',
    name,
    properties: { messageId: `m${message}`, journey: 'welcome', channel: 'email' },
    at: now - lateBy,
  };
}

function passed(from: Membership, until: number): Membership {
  let membership = from;
  for (let next = passTime(segments, membership, person, until); next !== membership;) {
    membership = next;
    next = passTime(segments, membership, person, until);
  }
  return membership;
}

describe('a profile that another was merged into', () => {
  it('is in the segments that a recomputation from what both did gives, then and at every later moment', () => {
    fc.assert(
      fc.property(happenings, fc.array(fc.nat(40 * 24 * 60), { maxLength: 5 }), (list, waits) => {
        let now = start;
        let own = enrol(segments, { ...nothingElse, occurrence: null, now });
        const mine: Occurrence[] = [];
        const theirs: Occurrence[] = [];
        for (const { step, theirs: isTheirs } of list) {
          if (step.do === 'wait') now += step.ms;
          const occurrence = occurrenceOf(step, now);
          if (occurrence === null) continue;
          (isTheirs ? theirs : mine).push(occurrence);
          if (!isTheirs) own = hear(segments, passed(own, now), { ...nothingElse, occurrence, now });
        }
        const history = [...mine, ...theirs];
        let joined = join(segments, passed(own, now), { person, history: asRead(theirs, [...segments.byCounter.values()]).toReversed(), now });
        const holds = () => {
          expect(joined.segments).toEqual(recomputed(defined, history, person, now, computedTraits));
          expect(nextChange(segments, person, joined.counters, new Date(joined.evaluatedAt))?.getTime() ?? null).toBe(
            joined.dueAt,
          );
        };
        holds();
        for (const minutes of waits) {
          now += minutes * MINUTE;
          joined = passed(joined, now);
          holds();
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
