import type { ProfileActivity } from '@tidings/contracts';
import {
  follow,
  followLate,
  followUnheard,
  hasHeard,
  hasHeardLate,
  hasHeardSince,
  instantOf,
  mergeProgress,
  withCause,
  withCauseSince,
  withSources,
  type Effect,
  type Journeys,
} from '@tidings/journey';
import type { ProfileRef, ProgressMap } from './progress-map.js';

/** What an activity is about besides the profile it was told of: the id it came under, and those that it merged. */
export const refsOf = ({ workspace, profileId, event, merged = [] }: ProfileActivity): readonly ProfileRef[] => [
  { workspace, profileId },
  ...(event === null || event.profileId === profileId ? [] : [{ workspace, profileId: event.profileId }]),
  ...merged.map((id) => ({ workspace, profileId: id })),
];

/**
 * Takes a profile through one activity, and says what the world must hear of it. Runs of profiles that it merged move first.
 * What was told of an id before it was merged may come after that, by a partition that is behind: it counts for the profile
 * that the id belongs to by now. Each cause counts once, under whichever id it comes.
 */
export function followActivity(
  journeys: Journeys,
  progress: ProgressMap,
  activity: ProfileActivity,
  traceparent: string | null,
): readonly Effect[] {
  const { workspace, profileId, event, cause } = activity;
  const root = progress.rootOf(activity);
  if (root.profileId !== profileId) return late(journeys, progress, activity, traceparent);
  if (event === null || event.profileId === profileId) {
    if (hasHeard(progress.of(root).heard, cause)) return [];
    const moved = merged(progress, root, activity);
    const next = follow(journeys, progress.of(root), activity, traceparent);
    progress.set(root, next.progress);
    return [...moved, ...next.effects];
  }
  const origin: ProfileRef = { workspace, profileId: event.profileId };
  const known = progress.of(origin);
  if (hasHeardSince(known.heard, cause)) return [];
  progress.set(origin, { ...known, heard: withCauseSince(known.heard, cause) });
  const moved = merged(progress, root, activity);
  const before = progress.of(root);
  const next = followUnheard(journeys, before, activity, traceparent);
  progress.set(root, { ...next.progress, heard: withSources(before.heard, [cause.source]) });
  return [...moved, ...next.effects];
}

function late(
  journeys: Journeys,
  progress: ProgressMap,
  activity: ProfileActivity,
  traceparent: string | null,
): readonly Effect[] {
  const known = progress.of(activity);
  if (hasHeardLate(known.heard, activity.cause)) return [];
  progress.set(activity, { ...known, heard: withCause(known.heard, activity.cause) });
  const root = progress.rootOf(activity);
  const moved = merged(progress, root, activity);
  const next = followLate(journeys, progress.of(root), activity, traceparent);
  progress.set(root, next.progress);
  return [...moved, ...next.effects];
}

/** Moves the runs of what the activity merged, unless they are there already. */
function merged(
  progress: ProgressMap,
  root: ProfileRef,
  { workspace, merged: ids = [], at }: ProfileActivity,
): Effect[] {
  const effects: Effect[] = [];
  for (const profileId of ids) {
    const ref = { workspace, profileId };
    if (progress.rootOf(ref).profileId === profileId && profileId !== root.profileId) {
      const dissolved = { profileId, progress: progress.of(ref), at: instantOf(at) };
      const next = mergeProgress(progress.of(root), dissolved);
      progress.set(root, next.progress);
      effects.push(...next.effects);
    }
    if (profileId !== root.profileId) progress.dissolve(ref, root.profileId);
  }
  return effects;
}
