import { nobody, type AnalyticsFact, type ProfileActivity } from '@tidings/contracts';
import { factId } from '../facts/fact-id.js';

/** What a moment of a profile's life tells beside when and what: the columns of its fact that say something. */
export type MomentDetail = Readonly<Record<string, string | number | readonly string[]>>;

/** One moment of a profile's life. */
export interface Moment {
  readonly workspace: string;
  /** The id that it happened under. */
  readonly profileId: string;
  readonly at: string;
  /** The same for the same moment, however often it is told. */
  readonly id: string;
  /** The kind of its fact, or `profile.merged`. */
  readonly kind: string;
  readonly detail: MomentDetail;
}

/** A moment as it is kept beside others of the same profile and minute. */
export type KeptMoment = Pick<Moment, 'at' | 'id' | 'kind' | 'detail'>;

/** Moments of one profile within one minute (UTC) that were heard of together: a row. */
export interface Stretch {
  readonly workspace: string;
  readonly profileId: string;
  /** When the minute begins. */
  readonly minute: string;
  readonly moments: readonly KeptMoment[];
}

/** How many moments lie in one row at most: whoever reads a page reads whole rows. */
const MOST_MOMENTS = 50;
const MINUTE_MS = 60_000;

/** Moments put together, in the order in which they were told: an event and all that follows from it at once are one row. */
export function stretchesOf(moments: readonly Moment[]): Stretch[] {
  const stretches: Stretch[] = [];
  const open = new Map<string, KeptMoment[]>();
  const minuteOf = minutes();
  const seen = new Set<string>();
  for (const { workspace, profileId, at, id, kind, detail } of moments) {
    if (seen.has(id)) continue;
    seen.add(id);
    const kept = { at, id, kind, detail };
    const minute = minuteOf(at);
    const name = `${minute} ${workspace} ${profileId}`;
    const begun = open.get(name);
    if (begun !== undefined && begun.length < MOST_MOMENTS) {
      begun.push(kept);
      continue;
    }
    const together = [kept];
    open.set(name, together);
    stretches.push({ workspace, profileId, minute, moments: together });
  }
  return stretches;
}

/** When the minute of an instant begins. What follows from one event is told as of one instant, one after the other. */
function minutes(): (at: string) => string {
  let [last, minute] = ['', ''];
  return (at) => {
    if (at !== last) [last, minute] = [at, new Date(Math.floor(Date.parse(at) / MINUTE_MS) * MINUTE_MS).toISOString()];
    return minute;
  };
}

const told = ['eventId', 'eventName', 'segment', 'journey', 'journeyVersion', 'runId', 'step', 'messageId', 'channel', 'lane', 'provider', 'reason'] as const;

/** A fact as a moment of its profile's life; null for what is nobody's. */
export function momentOf(fact: AnalyticsFact): Moment | null {
  const { workspace, profileId, at, factId: id, fact: kind } = fact;
  if (profileId === nobody) return null;
  const detail: Record<string, string | number> = {};
  for (const name of told) {
    const value = fact[name];
    if (value !== null) detail[name] = value;
  }
  return { workspace, profileId, at, id, kind, detail };
}

/** The moment at which other ids became a profile's, if the activity tells of one. */
export function mergeOf({ workspace, profileId, event, merged = [], at }: ProfileActivity): Moment | null {
  if (merged.length === 0 || event === null) return null;
  const id = factId([workspace, 'profile.merged', profileId, event.messageId]);
  return { workspace, profileId, at, id, kind: 'profile.merged', detail: { eventId: event.messageId, merged } };
}
