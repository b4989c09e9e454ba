import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasHeard, hasHeardLate, hasHeardSince, withCause, withCauseSince, type Heard } from './heard.js';
import { mergeProgress } from './merge-progress.js';
import { END, isActive, noProgress, type Progress, type Run } from './run.js';

const at = '2026-03-02T12:00:00.000Z';
const run = (id: string, change: Partial<Run> = {}): Run => ({
  id,
  journey: 'cart',
  version: 1,
  key: null,
  step: 'wait',
  visit: 1,
  since: at,
  wakeAt: at,
  startedAt: at,
  messagesUntil: null,
  event: null,
  traceparent: null,
  ...change,
});
const progress = (...runs: Run[]): Progress => ({ ...noProgress, heard: { 'events/0': 7 }, runs });
const merge = (into: Progress, previous: Progress) =>
  mergeProgress(into, { profileId: 'anonymous:a', progress: previous, at });
const lines = (into: Progress, previous: Progress) => {
  const { progress: next, effects } = merge(into, previous);
  return {
    runs: next.runs.map(({ id }) => id),
    told: effects.map((effect) => ('run' in effect ? `${effect.kind} ${effect.run.id}` : effect.kind)),
  };
};

describe('the runs of a merged profile', () => {
  it.each<[string, Run[], Run[], { runs: string[]; told: string[] }]>([
    ['move', [], [run('theirs')], { runs: ['theirs'], told: [] }],
    [
      'go on beside those of another key',
      [run('mine', { key: 'b' })],
      [run('theirs')],
      { runs: ['mine', 'theirs'], told: [] },
    ],
    [
      'go on where they are further, and the other ends and is called back',
      [run('mine')],
      [run('theirs', { visit: 2 })],
      { runs: ['theirs'], told: ['run-ended mine', 'recall-run mine'] },
    ],
    [
      'end where they are not further',
      [run('mine')],
      [run('theirs')],
      { runs: ['mine'], told: ['run-ended theirs', 'recall-run theirs'] },
    ],
    [
      'stay for recalls when they have completed',
      [run('mine')],
      [run('theirs', { step: END, wakeAt: null, messagesUntil: at })],
      { runs: ['mine', 'theirs'], told: [] },
    ],
  ])('%s', (_, mine, theirs, expected) => {
    expect(lines(progress(...mine), progress(...theirs))).toEqual(expected);
  });

  it('remember under which ids they went on, through further merges', () => {
    const first = merge(progress(), progress(run('theirs'))).progress;
    const second = mergeProgress(progress(), { profileId: 'eve', progress: first, at }).progress;
    expect(second.runs[0]?.formerly).toEqual(['anonymous:a', 'eve']);
    expect(second.formerly).toEqual({ ids: ['eve', 'anonymous:a'], at });
    expect(second.heard).toEqual({ 'events/0': 7 });
    expect(mergeProgress(noProgress, { profileId: 'eve', progress: first, at }).progress.heard).toEqual({
      'events/0': -1,
    });
  });

  it('are none lost and none doubled', () => {
    const runs = (prefix: string) =>
      fc
        .uniqueArray(
          fc.record({
            journey: fc.constantFrom('a', 'b', 'c'),
            key: fc.constantFrom(null, 'k', 'l'),
            visit: fc.nat(3),
          }),
          {
            selector: ({ journey, key }) => `${journey} ${key}`,
          },
        )
        .map((list) => list.map((change, n) => run(`${prefix}${n}`, change)));
    fc.assert(
      fc.property(runs('mine'), runs('theirs'), (mine, theirs) => {
        const { progress: next, effects } = merge(progress(...mine), progress(...theirs));
        const ways = next.runs.filter(isActive).map(({ journey, key }) => `${journey} ${key}`);
        expect(new Set(ways).size).toBe(ways.length);
        const endings = effects.flatMap((effect) => (effect.kind === 'run-ended' ? [effect.run.id] : []));
        const all = [...next.runs.map(({ id }) => id), ...endings].toSorted();
        expect(all).toEqual([...mine, ...theirs].map(({ id }) => id).toSorted());
      }),
    );
  });
});

describe('what an id was heard of', () => {
  const cause = (position: number) => ({ source: 'events/3', position });
  const told = withCause({}, cause(5));

  it.each<[string, Heard, number, boolean]>([
    ['before the merge, late and for the first time, is new', withCauseSince(told, cause(9)), 8, false],
    ['before the merge, a second time, is not', withCauseSince(withCause(told, cause(8)), cause(9)), 8, true],
    ['since, under the old id by one who died, is not', withCauseSince(told, cause(9)), 9, true],
    ['late while nothing was told since is new', told, 6, false],
  ])('%s', (_, heard, position, expected) => {
    expect(hasHeardLate(heard, cause(position))).toBe(expected);
  });

  it.each<[string, Heard, number, boolean]>([
    ['since is new once', told, 6, false],
    ['since, a second time, is not', withCauseSince(told, cause(6)), 6, true],
    ['since, after one who died told it under the old id, is not', withCause(told, cause(6)), 6, true],
  ])('%s', (_, heard, position, expected) => {
    expect(hasHeardSince(heard, cause(position))).toBe(expected);
    expect(hasHeard(withCauseSince(heard, cause(position)), cause(100))).toBe(false);
  });
});
