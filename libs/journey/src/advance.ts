import type { AcceptedEvent, Profile } from '@tidings/contracts';
import type { Effect } from './effect.js';
import { latest, plus, type Instant } from './instant.js';
import type { Journey } from './journey.js';
import { END, type Run } from './run.js';
import type { Move } from './steps/step.js';

/** What a run is told: the profile as it now is, and what happened; null when only time has passed. */
export interface Wake {
  readonly profile: Profile;
  readonly event: AcceptedEvent | null;
  /** When the event was received; for a wake, now. Whatever was due by then is taken as having happened when due. */
  readonly at: Instant;
}

/** A run after a wake, or null when it is over and nothing of it can be recalled; and what came of it. */
export interface Advanced {
  readonly run: Run | null;
  readonly effects: readonly Effect[];
}

/** A journey has at most 200 steps and no cycle, so whoever makes more hops walks a journey that was never checked. */
const MAX_HOPS = 200;

/**
 * Takes a run to its next wait or its end: the one path for events and for timers. Instants come from the event
 * or from what was due, never from a clock, so a replay finds the same ones.
 */
export function advance(journey: Journey, start: Run, wake: Wake): Advanced {
  const effects: Effect[] = [];
  let run = start;
  let { event } = wake;
  while (run.step !== END) {
    const move = visit(journey, run, { ...wake, event });
    if (move.kind === 'stay') return { run: { ...run, wakeAt: move.until }, effects };

    if (move.kind === 'send') {
      run = { ...run, messagesUntil: latest(plus(move.at, move.message.expiresAfterMs), run.messagesUntil) };
      effects.push({ kind: 'decide', run, message: move.message, at: move.at });
    }
    if (move.kind === 'heard') event = null;
    run = hop(run, move);
    if (run.step !== END) effects.push({ kind: 'step-entered', run, at: run.since });
  }
  effects.push({ kind: 'run-ended', run, outcome: 'completed', at: run.since });
  return { run: mayBeRecalled(journey, run) ? run : null, effects };
}

/** The event that exits a run also calls back what it asked for just before it completed. */
const mayBeRecalled = (journey: Journey, run: Run): boolean => journey.exits.length > 0 && run.messagesUntil !== null;

function visit(journey: Journey, run: Run, wake: Wake): Move {
  const step = journey.steps.get(run.step);
  if (step === undefined) throw new Error(`journey ${journey.id} version ${journey.version} has no step ${run.step}`);
  return step.visit({ key: run.key, since: run.since, ...wake });
}

function hop(run: Run, move: Exclude<Move, { kind: 'stay' }>): Run {
  if (run.visit >= MAX_HOPS) throw new Error(`journey ${run.journey} version ${run.version} loops at ${run.step}`);
  return { ...run, step: move.to, visit: run.visit + 1, since: move.at, wakeAt: null };
}
