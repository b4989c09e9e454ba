import { isBackfill, moveOf, type AcceptedEvent, type ProfileActivity } from '@tidings/contracts';
import type { EntryKind } from './effect.js';
import { entryEvent } from './entry-event.js';
import { runId } from './ids.js';
import { instantOf } from './instant.js';
import type { Journey } from './journey.js';
import type { Journeys } from './journeys.js';
import type { Run } from './run.js';

/** What runs may begin by: the activity, and the trace it belongs to. */
export interface Occasion {
  readonly activity: ProfileActivity;
  readonly traceparent: string | null;
  /** Whether it was told of an id that had been merged by the time it is heard. */
  readonly isLate: boolean;
}

/** The runs that are on their way, and those among them or kept for recalls that were before the activity. */
export interface Before {
  readonly active: readonly Run[];
  readonly known: readonly Run[];
}

/** A run at its first step, and what began it. */
export interface Begun {
  readonly journey: Journey;
  readonly entry: EntryKind;
  readonly run: Run;
  /** Whether another was on the same way when the id that it belongs to was merged: it ends as it begins. */
  readonly isMerged: boolean;
}

/**
 * The runs that an activity begins, one at most per journey: by the API, its event, or a segment the profile entered.
 * Where a run of the same journey, in whichever version, and the same key is on its way, none begins, nor where the same
 * one has been: an entering may be told again under a later publishing. What is late began its run before that other was in
 * the way, and somebody who died may have told of it: it has to end.
 */
export function begun(journeys: Journeys, occasion: Occasion, { active, known }: Before): readonly Begun[] {
  const ways = entered(journeys, occasion.activity);
  return [...ways].flatMap(([journey, entry]): Begun[] => {
    const key = journey.keyOf(occasion.activity.event);
    if (key === undefined) return [];
    const inTheWay = active.filter((run) => run.journey === journey.id && run.key === key);
    if (inTheWay.some((run) => !isOfAnother(run, occasion))) return [];
    const run = firstRun(journey, occasion, key);
    return known.some(({ id }) => id === run.id) ? [] : [{ journey, entry, run, isMerged: inTheWay.length > 0 }];
  });
}

/** Whether a run was somebody else's yet, when what is late was told. */
const isOfAnother = ({ formerly = [] }: Run, { isLate, activity }: Occasion): boolean => isLate && !formerly.includes(activity.profileId);

function entered(journeys: Journeys, { cause, event, entered: segments }: ProfileActivity): Map<Journey, EntryKind> {
  const byBackfill = isBackfill(cause);
  const bySegment = segments.flatMap((id) =>
    (journeys.bySegment.get(id) ?? []).filter(({ segmentEntries }) =>
      segmentEntries.some(({ segment, backfill }) => segment === id && (backfill || !byBackfill)),
    ),
  );
  const ways = new Map<Journey, EntryKind>(bySegment.map((journey) => [journey, 'segment']));
  for (const journey of meantBy(journeys, event)) ways.set(journey, event?.type === 'trigger' ? 'api' : 'event');
  return ways;
}

function meantBy({ byApi, byEvent }: Journeys, event: AcceptedEvent | null): readonly Journey[] {
  if (event === null) return [];
  const named = byEvent.get(event.name) ?? [];
  if (event.type !== 'trigger')
    return named.filter(({ eventEntries }) => eventEntries.some(({ isMeant }) => isMeant(event, null)));
  const asked = byApi.get(event.name);
  return asked === undefined ? [] : [asked];
}

function firstRun(journey: Journey, { activity, traceparent, isLate }: Occasion, key: string | null): Run {
  const { workspace, event } = activity;
  const at = instantOf(activity.at);
  // As the event was sent: before and after a merge it is told under different ids, and begins the same.
  const profileId = event?.profileId ?? activity.profileId;
  return {
    id: runId({ workspace, journey: journey.id, profileId, key, by: moveOf(activity) }),
    journey: journey.id,
    version: journey.version,
    key,
    step: journey.first,
    visit: 0,
    since: at,
    wakeAt: null,
    startedAt: at,
    messagesUntil: null,
    event: event && entryEvent(event),
    traceparent,
    ...(isLate && { formerly: [activity.profileId] }),
  };
}
