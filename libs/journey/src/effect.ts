import type { Channel, Lane } from '@tidings/contracts';
import type { Instant } from './instant.js';
import type { Run } from './run.js';

/** How a run began. */
export type EntryKind = 'event' | 'segment' | 'api';

/** What a message step asks for: on which channels, by which templates, how urgent, and for how long. */
export interface MessageAsked {
  readonly channels: readonly { readonly channel: Channel; readonly template: string }[];
  readonly lane: Lane;
  readonly expiresAfterMs: number;
}

/**
 * What the world must hear of once the progress is stored. `run` is as it was at that moment; `at` is when
 * the cause happened or fell due, the same in every replay.
 */
export type Effect =
  | { readonly kind: 'run-started'; readonly run: Run; readonly entry: EntryKind; readonly at: Instant }
  | { readonly kind: 'step-entered'; readonly run: Run; readonly at: Instant }
  | { readonly kind: 'decide'; readonly run: Run; readonly message: MessageAsked; readonly at: Instant }
  | {
      readonly kind: 'run-ended';
      readonly run: Run;
      readonly outcome: 'completed' | 'exited' | 'merged';
      readonly at: Instant;
    }
  /** Messages of the run, due at or before `at`, must no longer leave. */
  | { readonly kind: 'recall-run'; readonly run: Run; readonly at: Instant }
  /** Messages to the profile on the channel, due at or before `at`, must no longer leave. */
  | { readonly kind: 'recall-channel'; readonly channel: Channel; readonly at: Instant }
  /** The profile has so many runs that this journey did not begin. */
  | { readonly kind: 'run-refused'; readonly journey: string; readonly at: Instant };
