import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shapeCheck } from '../shape-problems.js';
import { activitiesOf, journeyActivity, toldTogether, type RunActivity } from './journey-activity.js';

const of = (step: string) => ({ v: 1, workspace: 'demo', profileId: 'ann', journey: { id: 'cart', version: 3, runId: 'run-1', step }, at: '2026-03-01T09:30:00.000Z' }) as const;
const step = fc.constantFrom('remind', 'pause', 'end');
const activity: fc.Arbitrary<RunActivity> = fc.oneof(
  step.map((at) => ({ ...of(at), kind: 'run-started', entry: 'api' }) as const),
  fc.tuple(step, fc.nat(9)).map(([at, visit]) => ({ ...of(at), kind: 'step-entered', visit }) as const),
  step.map((at) => ({ ...of(at), kind: 'run-ended', outcome: 'exited' }) as const),
  fc.tuple(step, fc.uuid(), fc.constantFrom('send' as const, 'withhold' as const)).map(
    ([at, messageId, outcome]) =>
      ({ ...of(at), kind: 'message-decided' as const, messageId, channel: 'push' as const, lane: 'bulk' as const, outcome, rule: 'eligible', values: { devices: 1 }, endpoints: ['phone'], template: { id: 'hello', version: 1 } }),
  ),
);

describe('activities of one run', () => {
  it('are read one by one as they were told together, in a shape of the topic', () => {
    fc.assert(
      fc.property(fc.tuple(activity, fc.array(activity, { maxLength: 5 })), ([first, others]) => {
        const told = toldTogether([first, ...others]);
        expect(shapeCheck(journeyActivity.schema)(told)).toEqual([]);
        expect(activitiesOf(told)).toEqual([first, ...others]);
      }),
    );
  });

  it('are as they always were when there is one', () => {
    const one = { ...of('end'), kind: 'run-ended', outcome: 'completed' } as const;
    expect(toldTogether([one])).toBe(one);
  });
});
