import { expect, it } from '@jest/globals';
import { backfillSource } from '@tidings/contracts';
import { anActivity } from '@tidings/testing';
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
