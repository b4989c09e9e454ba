import { describe, expect, it } from '@jest/globals';
import type { JourneyDefinition } from '@tidings/contracts';
import fc from 'fast-check';
import type { Effect } from './effect.js';
import { follow, followDue } from './follow.js';
import { messageId } from './ids.js';
import { compileJourney } from './journey.js';
import { journeysOf } from './journeys.js';
import { plus } from './instant.js';
import { isActive, nextWake, noProgress, type Progress } from './run.js';
import { anEvent, aProfile, START } from './scenarios/walk.js';

const definition: JourneyDefinition = {
  id: 'journey',
  entry: [{ event: 'Begin' }, { segment: 'vip' }],
  exit: [{ event: 'Exit' }],
  steps: [
    { id: 'pause', delay: '5m' },
    { id: 'push', message: { push: { template: 't' } } },
    { id: 'wait', waitFor: { event: 'Order', atMost: '10m' }, onEvent: 'thanks', onTimeout: 'branch' },
    { id: 'branch', branch: { if: { segment: 'vip' }, then: 'email', else: 'end' } },
    { id: 'email', message: { email: { template: 't' } }, next: 'end' },
    { id: 'thanks', message: { email: { template: 't' }, push: { template: 't' } } },
  ],
};
const { entry, ...unkeyed } = definition;
const keyed: JourneyDefinition = {
  ...unkeyed,
  id: 'keyed',
  entry: entry.slice(0, 1),
  key: 'properties.cart',
  exit: [{ event: 'Exit', sameKey: 'properties.cart' }],
};
const journeys = journeysOf([compileJourney(definition, 1), compileJourney(keyed, 1)], () => {
  throw new Error('every run is on version 1');
});

/** What can happen to a profile: something it does, or the clock. `at` counts seconds from the start. */
interface Happening {
  readonly name: 'Begin' | 'Order' | 'Exit' | 'entered' | 'wake';
  readonly cart: number;
  readonly at: number;
}

const happenings = fc
  .array(
    fc.record<Happening>({
      name: fc.constantFrom('Begin', 'Begin', 'Order', 'Exit', 'entered', 'wake'),
      cart: fc.nat(2),
      at: fc.nat(3600),
    }),
    { maxLength: 25 },
  )
  .map((list) => list.toSorted((a, b) => a.at - b.at));

interface Outcome {
  readonly progress: Progress;
  readonly effects: readonly Effect[];
}

/** Lets one thing happen. The position of an event is its place in the list, as on a partition. */
function happen(before: Progress, { name, cart, at }: Happening, position: number): Outcome {
  const now = plus(START, at * 1000);
  if (name === 'wake') return followDue(journeys, before, now);
  const isEvent = name !== 'entered';
  return follow(
    journeys,
    before,
    {
      v: 1,
      workspace: 'demo',
      profileId: 'p-1',
      cause: { source: isEvent ? 'events/0' : 'clock', position },
      event: isEvent ? { ...anEvent(name, now), properties: { cart } } : null,
      profile: aProfile({ version: position + 1, segments: cart === 0 ? ['vip'] : [] }),
      entered: isEvent ? [] : ['vip'],
      left: [],
      withdrawn: [],
      at: now,
    },
    null,
  );
}

function live(list: readonly Happening[], from: Progress = noProgress): Outcome {
  return list.reduce<Outcome>(
    ({ progress, effects }, next, index) => {
      const after = happen(progress, next, index);
      return { progress: after.progress, effects: [...effects, ...after.effects] };
    },
    { progress: from, effects: [] },
  );
}

const messageIds = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) =>
    effect.kind === 'decide' ? effect.message.channels.map(({ channel }) => messageId(effect.run.id, effect.run.visit, channel)) : [],
  );

const ids = (effects: readonly Effect[], kind: 'run-started' | 'run-ended'): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === kind ? [effect.run.id] : []));

describe('follow', () => {
  it('finds the same state, ids and instants when everything is replayed from the beginning', () => {
    fc.assert(fc.property(happenings, (list) => expect(live(list)).toEqual(live(list))));
  });

  it('hears nothing new when any part of what it has heard is told again', () => {
    fc.assert(
      fc.property(happenings, fc.nat(25), (list, cut) => {
        const { progress } = live(list);
        const again = list.map((happening, position) => [happening, position] as const).slice(cut).filter(([{ name }]) => name !== 'wake');
        for (const [happening, position] of again) expect(happen(progress, happening, position)).toEqual({ progress, effects: [] });
      }),
    );
  });

  it('never asks for a message twice', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const asked = messageIds(live(list).effects);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  it('loses no run: every one that began has ended or waits for a moment that is known', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const { progress, effects } = live(list);
        const open = progress.runs.filter(isActive);
        expect([...ids(effects, 'run-ended'), ...open.map(({ id }) => id)].toSorted()).toEqual(ids(effects, 'run-started').toSorted());
        expect(open.every(({ wakeAt }) => wakeAt !== null)).toBe(true);
        expect(open.length === 0).toBe(nextWake(progress) === null);
        expect(open.length === 0).toBe(progress.profile === null);
      }),
    );
  });

  it('recalls on every exit, at an instant that no message of the run is due after', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const { effects } = live(list);
        for (const effect of effects) {
          if (effect.kind !== 'run-ended' || effect.outcome !== 'exited') continue;
          const { id } = effect.run;
          const recall = effects.find((other) => other.kind === 'recall-run' && other.run.id === id);
          const due = effects.flatMap((other) => (other.kind === 'decide' && other.run.id === id ? [other.at] : []));
          expect(recall).toBeDefined();
          expect(due.every((at) => at <= (recall?.at ?? ''))).toBe(true);
        }
      }),
    );
  });

  it('sends the same messages after a crash between publishing and storing, whatever the clock did before the replay', () => {
    fc.assert(
      fc.property(happenings, fc.nat(24), fc.nat(600), (list, cut, laterS) => {
        const crashed = list[cut];
        fc.pre(crashed !== undefined && crashed.name !== 'wake');
        const { progress } = live(list.slice(0, cut));
        const lost = happen(progress, crashed, cut);
        const woken = followDue(journeys, progress, plus(START, (crashed.at + laterS) * 1000));
        const replayed = happen(woken.progress, crashed, cut);
        // Every run that the lost activity began, the replay begins again under the same id.
        expect(ids(replayed.effects, 'run-started')).toEqual(expect.arrayContaining([...ids(lost.effects, 'run-started')]));
      }),
    );
  });
});
