import { durationMs, type WaitStep } from '@tidings/contracts';
import type { Static } from 'typebox';
import { hears } from '../event-rule.js';
import { latest, plus } from '../instant.js';
import type { Step } from './step.js';

/**
 * Waits for an event, at most so long. An event that comes after the time-out but before anybody acted on it
 * still counts as heard: after an outage, what people did goes before what they did not do.
 */
export function waitStep(definition: Static<typeof WaitStep>, following: string): Step {
  const { waitFor, onEvent = following, onTimeout = following } = definition;
  const isMeant = hears(waitFor);
  const atMostMs = durationMs(waitFor.atMost);
  return {
    id: definition.id,
    targets: [
      { field: 'onEvent', to: onEvent },
      { field: 'onTimeout', to: onTimeout },
    ],
    visit: ({ key, since, event, at }) => {
      if (event !== null && isMeant(event, key)) return { kind: 'heard', to: onEvent, at: latest(at, since) };
      const until = plus(since, atMostMs);
      return until <= at ? { kind: 'go', to: onTimeout, at: until } : { kind: 'stay', until };
    },
  };
}
