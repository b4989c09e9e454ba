import type { AcceptedEvent, Profile, Step as StepDefinition } from '@tidings/contracts';
import type { MessageAsked } from '../effect.js';
import type { Instant } from '../instant.js';
import { branchStep } from './branch-step.js';
import { delayStep } from './delay-step.js';
import { messageStep } from './message-step.js';
import { waitStep } from './wait-step.js';

/** What a step sees of a run that stands at it. */
export interface Here {
  readonly key: string | null;
  /** When the run came to the step. */
  readonly since: Instant;
  /** What has just happened, unless an earlier step has taken it as its own. */
  readonly event: AcceptedEvent | null;
  readonly profile: Profile;
  /** When the event was received, or now for a wake: what is due by then is past. */
  readonly at: Instant;
}

/** What a step makes of a run: `at` is when it left the step. */
export type Move =
  | { readonly kind: 'go'; readonly to: string; readonly at: Instant }
  /** An event ends the wait that heard it, not the waits behind it. */
  | { readonly kind: 'heard'; readonly to: string; readonly at: Instant }
  | { readonly kind: 'send'; readonly to: string; readonly at: Instant; readonly message: MessageAsked }
  | { readonly kind: 'stay'; readonly until: Instant };

/** Where a step may lead, and the field of its definition that says so. */
export interface Target {
  readonly field: string;
  readonly to: string;
}

/** A compiled step: where it may lead, and what it makes of a run that stands at it. */
export interface Step {
  readonly id: string;
  readonly targets: readonly Target[];
  readonly visit: (here: Here) => Move;
}

/** Compiles one step; `following` is the step to go to where the definition names none. */
export function compileStep(definition: StepDefinition, following: string): Step {
  if ('delay' in definition) return delayStep(definition, following);
  if ('waitFor' in definition) return waitStep(definition, following);
  if ('branch' in definition) return branchStep(definition);
  return messageStep(definition, following);
}
