import { describe, expect, it } from '@jest/globals';
import type { JourneyDefinition, ProfileActivity } from '@tidings/contracts';
import { compileJourney, journeysOf } from '@tidings/journey';
import { anActivity, anEvent, instant } from '@tidings/testing';
import fc from 'fast-check';
import { followActivity } from './follow-activity.js';
import { ProgressMap } from './progress-map.js';

const WEB = 'anonymous:web';
const cart: JourneyDefinition = {
  id: 'cart',
  entry: [{ event: 'Added' }],
  key: 'properties.cart',
  steps: [{ id: 'pause', delay: '1h' }],
};
const journeys = journeysOf([compileJourney(cart, 1)], () => {
  throw new Error('every run is on version 1');
});

/** The `position`-th event of an id, told of a profile. Each begins a run of its own. */
function did(id: string, position: number, of: string, change: Partial<ProfileActivity> = {}): ProfileActivity {
  const event = anEvent({ profileId: id, name: 'Added', properties: { cart: `${id} ${position}` } });
  const source = id === WEB ? 'events/1' : 'events/0';
  return anActivity({ profileId: of, cause: { source, position }, event, at: instant(), ...change });
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);

/** What both partitions carry, each in its order; one that died told the last of the visitor's events under the old id as well. */
const streams = fc
  .record({ before: fc.nat(4), strays: fc.nat(3), since: fc.nat(4), own: fc.nat(3), again: fc.nat(3) })
  .map(({ before, strays, since, own, again }) => {
    const last = before + Math.max(strays, since);
    const old = range(0, before + strays).map((n) => did(WEB, n, WEB));
    const merge = did('ann', own, 'ann', { merged: [WEB] });
    const named = [
      ...range(0, own).map((n) => did('ann', n, 'ann')),
      merge,
      ...range(before, last).map((n) => did(WEB, n, 'ann')),
    ];
    // A batch that its sender told twice.
    return { old: [...old, ...old.slice(-again)], named: [...named, ...named.slice(-again)], events: last + own + 1 };
  });

function interleaved(
  one: readonly ProfileActivity[],
  other: readonly ProfileActivity[],
  picks: readonly boolean[],
): ProfileActivity[] {
  const [a, b] = [[...one], [...other]];
  const merged: ProfileActivity[] = [];
  for (let n = 0; a.length + b.length > 0; n++) {
    const next = (picks[n % Math.max(1, picks.length)] === true ? a.shift() : undefined) ?? b.shift() ?? a.shift();
    if (next !== undefined) merged.push(next);
  }
  return merged;
}

describe('the partitions of a visitor and of the person they turn out to be', () => {
  it('tell each event once, however one is ahead of the other, and whatever was told by one who died', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.boolean(), { maxLength: 12 }), ({ old, named, events }, picks) => {
        const progress = new ProgressMap();
        const begun = interleaved(old, named, picks).flatMap((activity) =>
          followActivity(journeys, progress, activity, null).flatMap((effect) =>
            effect.kind === 'run-started' ? [effect.run.key] : [],
          ),
        );
        expect(begun.toSorted()).toEqual([...new Set(begun)].toSorted());
        expect(begun).toHaveLength(events);
        const runs = progress.of({ workspace: 'demo', profileId: 'ann' }).runs.map(({ key }) => key);
        expect(runs.toSorted()).toEqual(begun.toSorted());
        expect(progress.rootOf({ workspace: 'demo', profileId: WEB }).profileId).toBe('ann');
      }),
      { numRuns: 500 },
    );
  });
});
