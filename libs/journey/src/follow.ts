import type { ProfileActivity } from '@tidings/contracts';
import { advance, type Advanced, type Wake } from './advance.js';
import { begun, type Begun } from './begin.js';
import type { Effect } from './effect.js';
import { hasHeard, withCause } from './heard.js';
import { instantOf, latest, plus, type Instant } from './instant.js';
import type { Journeys } from './journeys.js';
import { isActive, type Progress, type Run } from './run.js';

/** A profile's next progress, and what the world must hear of it. The same object as before when nothing changed. */
export interface Followed {
  readonly progress: Progress;
  readonly effects: readonly Effect[];
}

/** More runs than this a profile does not have at a time; what would begin more is refused. */
export const MAX_ACTIVE_RUNS = 1000;

/**
 * One profile, all its journeys, one activity. In this order: exits end runs; the others move on; new runs begin.
 * A cause that was heard before changes nothing.
 */
export function follow(
  journeys: Journeys,
  before: Progress,
  activity: ProfileActivity,
  traceparent: string | null,
): Followed {
  if (hasHeard(before.heard, activity.cause)) return { progress: before, effects: [] };
  const { progress, effects } = followUnheard(journeys, before, activity, traceparent);
  return { progress: { ...progress, heard: withCause(before.heard, activity.cause) }, effects };
}

/**
 * The same for what was told of another id that is this profile's by now, whose causes somebody else keeps. When it was told
 * before the ids were merged, the profile says less than is known.
 */
export function followLate(
  journeys: Journeys,
  before: Progress,
  activity: ProfileActivity,
  traceparent: string | null,
): Followed {
  return followUnheard(journeys, before, activity, traceparent, true);
}

/** The same for what was told of this profile, whose cause was not heard before; or, late, of an id that is this profile's by now. */
export function followUnheard(
  journeys: Journeys,
  before: Progress,
  activity: ProfileActivity,
  traceparent: string | null,
  isLate = false,
): Followed {
  const at = instantOf(activity.at);
  const profile = (isLate ? before.profile : null) ?? activity.profile;
  const { event } = activity;
  const known = before.runs.filter((run) => isActive(run) || stillLeaving(run, at));
  const moved = known.map(
    (run) => exited(journeys, run, activity, at) ?? moveOn(journeys, run, { profile, event, at }),
  );
  const active = moved.flatMap(({ run }) => (run !== null && isActive(run) ? [run] : []));
  const first = begun(journeys, { activity, traceparent, isLate }, { active, known: before.runs }).map((next, index) => {
    if (next.isMerged) return mergedAtOnce(next, latest(at, before.formerly?.at ?? null));
    return active.length + index < MAX_ACTIVE_RUNS ? start(next, { profile, event: null, at }) : refused(next, at);
  });
  return {
    progress: settled({ ...before, profile }, [...moved, ...first], at),
    effects: [withdrawn(before.runs, activity, at), ...[...moved, ...first].map(({ effects }) => effects)].flat(),
  };
}

/** The same for a profile whose time has come: what was due by `now` happens as of when it was due. */
export function followDue(journeys: Journeys, before: Progress, now: Instant): Followed {
  const { profile } = before;
  const isDue = (run: Run) => run.wakeAt !== null && run.wakeAt <= now;
  if (!before.runs.some(isDue)) return { progress: before, effects: [] };
  if (profile === null) throw new Error('a run waits, but the profile it waits for was not kept');

  const known = before.runs.filter((run) => isActive(run) || stillLeaving(run, now));
  const moved = known.map((run) =>
    isDue(run) ? moveOn(journeys, run, { profile, event: null, at: now }) : { run, effects: [] },
  );
  return { progress: settled(before, moved, now), effects: moved.flatMap(({ effects }) => effects) };
}

const stillLeaving = (run: Run, at: Instant): boolean => run.messagesUntil !== null && run.messagesUntil >= at;

function moveOn(journeys: Journeys, run: Run, wake: Wake): Advanced {
  return isActive(run) ? advance(journeys.of(run), run, wake) : { run, effects: [] };
}

/** What an exit rule of its journey makes of a run; null when none means this event. */
function exited(journeys: Journeys, run: Run, { event }: ProfileActivity, at: Instant): Advanced | null {
  if (event === null || !journeys.of(run).exits.some((isMeant) => isMeant(event, run.key))) return null;
  // A wake may have asked for a message and died before it was stored: what is due by then is recalled as well.
  const recall: Effect = { kind: 'recall-run', run, at: latest(at, run.since, run.wakeAt) };
  const ended: Effect = { kind: 'run-ended', run, outcome: 'exited', at };
  return { run: null, effects: isActive(run) ? [ended, recall] : [recall] };
}

function start({ journey, entry, run }: Begun, wake: Wake): Advanced {
  const { run: next, effects } = advance(journey, run, wake);
  const at = run.startedAt;
  return {
    run: next,
    effects: [{ kind: 'run-started', run, entry, at }, { kind: 'step-entered', run, at }, ...effects],
  };
}

/** What it may have asked for is due by then: messages are, when their run comes to them. */
const mergedAtOnce = ({ entry, run }: Begun, at: Instant): Advanced => ({
  run: null,
  effects: [
    { kind: 'run-started', run, entry, at: run.startedAt },
    { kind: 'run-ended', run, outcome: 'merged', at },
    { kind: 'recall-run', run, at },
  ],
});

const refused = ({ journey }: Begun, at: Instant): Advanced => ({
  run: null,
  effects: [{ kind: 'run-refused', journey: journey.id, at }],
});

/** Withdrawn consent holds for everything decided so far, also by a wake that was due after the event and ran before it. */
function withdrawn(runs: readonly Run[], activity: ProfileActivity, at: Instant): readonly Effect[] {
  const upTo = latest(at, ...runs.map(({ since }) => since));
  return activity.withdrawn.map((channel) => ({ kind: 'recall-channel', channel, at: upTo }));
}

/** For so long after a merge something may still be told of the former ids, by a partition that is behind. */
const LATE_MS = 3_600_000;

/** The profile is kept only while something waits, or may be told late: nobody else asks for it here. */
function settled(progress: Progress, moved: readonly Advanced[], at: Instant): Progress {
  const { profile, formerly } = progress;
  const runs = moved.flatMap(({ run }) => (run === null ? [] : [run]));
  const isKept = runs.some(isActive) || (formerly !== null && at < plus(formerly.at, LATE_MS));
  return { ...progress, runs, profile: isKept ? profile : null };
}
