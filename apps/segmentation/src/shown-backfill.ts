import type { DefinitionRecord } from '@tidings/contracts';
import { endedOf, type Ended, type News, type Progress, type Total } from './backfill-progress.js';

/** A definition that profiles are held against anew because it was published, changed or archived. */
export interface ShownChange {
  readonly kind: 'segment' | 'computed-trait';
  readonly id: string;
  readonly version: number;
  readonly status: 'published' | 'archived';
  readonly publishedAt: string;
}

/** A backfill that came to its end, as it is shown. */
export interface ShownEnded {
  readonly publishedAt: string | null;
  readonly startedAt: string;
  readonly toldAt: string;
  readonly finishedAt: string;
  readonly profiles: number;
  readonly left: number;
}

/** How far a workspace's profiles have been held against its newest segments, as it is shown. */
export interface ShownBackfill {
  /** `waiting`: not begun yet; `computing`: profiles are told; `checking`: all were told once, and newcomers are looked for; `done`. */
  readonly state: 'waiting' | 'computing' | 'checking' | 'done';
  /** When the newest change was published; null when nothing ever was. */
  readonly publishedAt: string | null;
  /** What was published since the last one that came to its end, the newest first. */
  readonly changed: readonly ShownChange[];
  readonly profiles: { readonly done: number; readonly of: number; readonly method: Total['method'] } | null;
  readonly share: number;
  /** Profiles a second: lately, while it is computed; null when nobody goes forward. Then over all. */
  readonly perSecond: number | null;
  readonly startedAt: string | null;
  /** When it last went forward. */
  readonly steppedAt: string | null;
  /** When all were told once, and when it will be so at this rate. */
  readonly toldAt: string | null;
  readonly expectedAt: string | null;
  readonly finishedAt: string | null;
  /** Profiles that were left to the clock because they failed or because what they did is still on its way; when it is done, those that were not told yet. */
  readonly left: number;
  /** The one before that came to its end. */
  readonly last: ShownEnded | null;
}

/** What a process has heard of a workspace's segments. */
export interface HeardOf {
  readonly news: News;
  readonly records: readonly DefinitionRecord[];
}

const MOST_CHANGES = 50;
/** Whoever was silent for so long does not go forward. */
const SILENT_MS = 60_000;

/** A backfill as it is shown at a moment; `progress` is what is kept, null when nothing is. */
export function shownBackfill(progress: Progress | null, heard: HeardOf, now: number): ShownBackfill {
  const { news } = heard;
  if (progress === null || (progress.revision !== news.revision && progress.published_at <= news.publishedAt)) return waiting(progress, heard);
  // Somebody may know of newer segments than this process.
  const publishedAt = Math.max(progress.published_at, news.publishedAt);
  const { told, profiles, method, told_at: toldAt, ended_at: endedAt, last } = progress;
  const perSecond = rateOf(progress, now);
  return {
    state: stateOf(progress),
    publishedAt: unlessNever(publishedAt),
    changed: changedSince(heard, last),
    profiles: { done: told, of: toldAt === null ? Math.max(told, profiles) : told, method: toldAt === null ? method : 'exact' },
    share: toldAt === null ? Math.min(0.99, told / Math.max(1, profiles)) : 1,
    perSecond,
    startedAt: textOf(progress.begun_at),
    steppedAt: textOf(progress.stepped_at),
    toldAt: maybe(toldAt),
    expectedAt: toldAt !== null || !perSecond ? null : textOf(now + (Math.max(0, profiles - told) / perSecond) * 1000),
    finishedAt: maybe(endedAt),
    left: progress.left_over,
    last: last && shownEnded(last),
  };
}

/** Published, and nobody was told yet. */
function waiting(progress: Progress | null, heard: HeardOf): ShownBackfill {
  const last = progress === null ? null : (endedOf(progress) ?? progress.last);
  return {
    ...nothingYet,
    publishedAt: unlessNever(heard.news.publishedAt),
    changed: changedSince(heard, last),
    last: last && shownEnded(last),
  };
}

const nothingYet = {
  state: 'waiting', profiles: null, share: 0, perSecond: null, startedAt: null, steppedAt: null, toldAt: null, expectedAt: null, finishedAt: null, left: 0,
} as const; // prettier-ignore

const stateOf = ({ told_at: toldAt, ended_at: endedAt }: Progress): ShownBackfill['state'] => {
  if (endedAt !== null) return 'done';
  return toldAt === null ? 'computing' : 'checking';
};

function rateOf({ told_at: toldAt, begun_at: begunAt, stepped_at: steppedAt, per_second: rate, told }: Progress, now: number): number | null {
  if (toldAt === null) return now - steppedAt > SILENT_MS || rate === null ? null : Math.round(rate);
  return toldAt > begunAt ? Math.round((told * 1000) / (toldAt - begunAt)) : null;
}

function changedSince({ records }: HeardOf, last: Ended | null): ShownChange[] {
  const since = last?.publishedAt ?? -Infinity;
  return records
    .flatMap(({ kind, id, version, status, publishedAt }) =>
      (kind === 'segment' || kind === 'computed-trait') && Date.parse(publishedAt) > since ? [{ kind, id, version, status, publishedAt }] : [],
    )
    .toSorted((a, b) => Date.parse(b.publishedAt) - Date.parse(a.publishedAt) || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_CHANGES);
}

const shownEnded = ({ publishedAt, begunAt, toldAt, endedAt, profiles, left }: Ended): ShownEnded => ({
  publishedAt: unlessNever(publishedAt),
  startedAt: textOf(begunAt),
  toldAt: textOf(toldAt),
  finishedAt: textOf(endedAt),
  profiles,
  left,
});

const textOf = (ms: number): string => new Date(ms).toISOString();
const unlessNever = (ms: number): string | null => (ms === 0 ? null : textOf(ms));
const maybe = (ms: number | null): string | null => (ms === null ? null : textOf(ms));
