import type { Segments } from '@tidings/segment';

/** What profiles are to be told of. */
export type News = Pick<Segments, 'revision' | 'publishedAt'>;

/** How many profiles there are, and how that is known: counted, or estimated from a share of them. */
export interface Total {
  readonly profiles: number;
  readonly method: 'exact' | 'estimated';
}

/** What is kept of a backfill that came to its end; instants in ms. */
export interface Ended {
  readonly publishedAt: number;
  readonly begunAt: number;
  readonly toldAt: number;
  readonly endedAt: number;
  readonly profiles: number;
  readonly left: number;
}

/** How far the profiles of a workspace have been held against its newest segments, as it is kept; instants in ms. */
export interface Progress {
  readonly revision: string;
  readonly published_at: number;
  readonly pass: number;
  readonly cursor: string;
  readonly next_at: number;
  readonly begun_at: number;
  readonly stepped_at: number;
  /** When the first pass came to its end, and when the last did. */
  readonly told_at: number | null;
  readonly ended_at: number | null;
  readonly profiles: number;
  readonly method: Total['method'];
  /** Profiles that the first pass went past. */
  readonly told: number;
  /** Those that this pass left to the clock. */
  readonly left_over: number;
  readonly per_second: number | null;
  /** The one before that came to its end. */
  readonly last: Ended | null;
}

/** What a step did: the last profile that it went past, null when there was none; how many that were, and how many it left to the clock. */
export interface Step {
  readonly last: string | null;
  readonly passed: number;
  readonly left: number;
}

/** The second pass finds profiles that were made meanwhile by somebody who had not heard of the segments. */
export const PASSES = 2;

/** Over so long the rate is averaged; after a longer silence it is measured anew. */
const RATE_MS = 15_000;

/** A backfill that begins, after another or as the first. */
export const begun = ({ revision, publishedAt }: News, { profiles, method }: Total, before: Progress | null, now: number): Progress => ({
  revision,
  published_at: publishedAt,
  pass: 1,
  cursor: '',
  next_at: 0,
  begun_at: now,
  stepped_at: now,
  told_at: null,
  ended_at: null,
  profiles,
  method,
  told: 0,
  left_over: 0,
  per_second: null,
  last: before === null ? null : (endedOf(before) ?? before.last),
});

/** What is to be kept of a backfill; null before its end. */
export const endedOf = ({ published_at: publishedAt, begun_at: begunAt, told_at: toldAt, ended_at: endedAt, told, left_over: left }: Progress): Ended | null =>
  toldAt === null || endedAt === null ? null : { publishedAt, begunAt, toldAt, endedAt, profiles: told, left };

/** A backfill one step further; the second pass begins `pauseMs` after the end of the first. */
export function advanced(progress: Progress, { last, passed, left }: Step, now: number, pauseMs: number): Progress {
  const isFirst = progress.pass === 1;
  const before = !isFirst && progress.cursor === '' ? 0 : progress.left_over;
  const next = {
    ...progress,
    stepped_at: now,
    left_over: before + left,
    ...(isFirst && { told: progress.told + passed, per_second: rateAfter(progress, passed, now) }),
  };
  if (last !== null) return { ...next, cursor: last, next_at: 0 };
  const over = { ...next, pass: progress.pass + 1, cursor: '' };
  return isFirst ? { ...over, next_at: now + pauseMs, told_at: now } : { ...over, next_at: 0, ended_at: now };
}

/** Profiles a second, of which the newest weigh most. */
function rateAfter({ stepped_at: before, per_second: rate, told }: Progress, passed: number, now: number): number | null {
  const ms = now - before;
  if (told === 0 || ms <= 0 || ms > RATE_MS) return rate;
  const newest = (passed * 1000) / ms;
  return rate === null ? newest : rate + (newest - rate) * (1 - Math.exp(-ms / RATE_MS));
}
