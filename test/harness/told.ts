import { activitiesOf, type JourneyActivity, type ProfileActivity, type RunActivity } from '@tidings/contracts';
import type { KafkaPeer } from './kafka-peer.js';

/** An entering of a segment, as a reader heard it who ignores causes that were heard before. */
export interface Entering {
  readonly profileId: string;
  readonly segment: string;
  readonly source: string;
  readonly position: number;
}

/** Every entering that was told, each cause of a profile once. */
export async function enteringsTold(kafka: KafkaPeer): Promise<readonly Entering[]> {
  const told = (await kafka.readAll('profile-activity')).map(({ value }) => JSON.parse(value) as ProfileActivity);
  const heard = new Map<string, number>();
  return told.flatMap(({ profileId, cause: { source, position }, event, entered }) => {
    // An old id's events go on having positions of their own when they are told of the profile that is left.
    const key = `${profileId} ${event?.profileId ?? profileId} ${source}`;
    if (position <= (heard.get(key) ?? -1)) return [];
    heard.set(key, position);
    return entered.map((segment) => ({ profileId, segment, source, position }));
  });
}

/** How the runs of a journey went: ids, so that what is told twice counts once. */
export interface RunsTold {
  readonly started: ReadonlySet<string>;
  readonly merged: ReadonlySet<string>;
  readonly completed: ReadonlySet<string>;
}

/** The runs of each journey that were told of, by profile. */
export async function runsTold(kafka: KafkaPeer): Promise<(journey: string) => ReadonlyMap<string, RunsTold>> {
  const told = (await kafka.readAll('journey-activity')).flatMap(({ value }) => activitiesOf(JSON.parse(value) as JourneyActivity));
  const byJourney = Map.groupBy(told, ({ journey }) => journey.id);
  return (journey) => new Map([...Map.groupBy(byJourney.get(journey) ?? [], ({ profileId }) => profileId)].map(([profileId, activities]) => [profileId, runsOf(activities)]));
}

function runsOf(activities: readonly RunActivity[]): RunsTold {
  const ids = (isMeant: (activity: RunActivity) => boolean) => new Set(activities.filter(isMeant).map(({ journey }) => journey.runId));
  return {
    started: ids(({ kind }) => kind === 'run-started'),
    merged: ids((activity) => activity.kind === 'run-ended' && activity.outcome === 'merged'),
    completed: ids((activity) => activity.kind === 'run-ended' && activity.outcome === 'completed'),
  };
}
