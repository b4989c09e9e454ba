import { expect, it } from '@jest/globals';
import { backfillSource, clockSource } from '@tidings/contracts';
import { anActivity, aProfile } from '@tidings/testing';
import { factsOfActivity } from './facts.js';

it.each([
  ['by what somebody did', 'events/0', null],
  ['by time', 'clock', null],
  ['because it was published', backfillSource, 'backfill'],
])('tells a segment entered and left %s', (_, source, reason) => {
  const activity = anActivity({ event: null, entered: ['pro'], left: ['lapsed'], cause: { source, position: 7 } });
  expect(factsOfActivity(activity).map((told) => [told.fact, told.segment, told.reason])).toEqual([
    ['segment.entered', 'pro', reason],
    ['segment.left', 'lapsed', reason],
  ]);
});

const enteredBy = (source: string, position: number, version: number) =>
  factsOfActivity(anActivity({ event: null, entered: ['pro'], cause: { source, position }, profile: aProfile({ version }) }))[0]?.factId;

it('tells an entering under the same id when it is told again under a later publishing, and the next under another', () => {
  expect(enteredBy(backfillSource, 8, 3)).toBe(enteredBy(backfillSource, 7, 3));
  expect(enteredBy(backfillSource, 8, 5)).not.toBe(enteredBy(backfillSource, 7, 3));
});

it('tells what fell due under the same id when an event comes before it this time', () => {
  expect(enteredBy(clockSource, 7, 4)).toBe(enteredBy(clockSource, 7, 3));
  expect(enteredBy(clockSource, 8, 3)).not.toBe(enteredBy(clockSource, 7, 3));
});
