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
}

/**
 * The runs that an activity begins, one at most per journey: by the API, its event, or a segment the profile entered.
 * Where a run of the same journey, in whichever version, and the same key is on its way, none begins, nor where the same
 * one has been: an entering may be told again under a later publishing.
 */
export function begun(journeys: Journeys, occasion: Occasion, { active, known }: Before): readonly Begun[] {
  const ways = entered(journeys, occasion.activity);
  return [...ways].flatMap(([journey, entry]): Begun[] => {
    const key = journey.keyOf(occasion.activity.event);
    if (key === undefined || active.some((run) => run.journey === journey.id && run.key === key)) return [];
    const run = firstRun(journey, occasion, key);
    return known.some(({ id }) => id === run.id) ? [] : [{ journey, entry, run }];
  });
}

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

function firstRun(journey: Journey, { activity, traceparent }: Occasion, key: string | null): Run {
  const { workspace, profileId, event } = activity;
  const at = instantOf(activity.at);
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
  };
}
