import { durationMs, type DelayStep } from '@tidings/contracts';
import type { Static } from 'typebox';
import { plus } from '../instant.js';
import type { Step } from './step.js';

/** Waits a fixed time from the moment the step was due, then goes on. */
export function delayStep(definition: Static<typeof DelayStep>, following: string): Step {
  const forMs = durationMs(definition.delay);
  const to = definition.next ?? following;
  return {
    id: definition.id,
    targets: [{ field: 'next', to }],
    visit: ({ since, at }) => {
      const until = plus(since, forMs);
      return until <= at ? { kind: 'go', to, at: until } : { kind: 'stay', until };
    },
  };
}
