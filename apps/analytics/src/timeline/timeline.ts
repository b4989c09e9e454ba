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
