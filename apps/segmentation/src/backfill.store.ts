import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@tidings/postgres';
import type { Segments } from '@tidings/segment';

/** What profiles are to be told of. */
export type News = Pick<Segments, 'revision' | 'publishedAt'>;

/** How one step of a backfill goes. */
export interface Pace {
  readonly profiles: number;
  readonly everyMs: number;
  /** How long after the first pass the second begins. */
  readonly pauseMs: number;
}

interface Progress {
  readonly revision: string;
  readonly published_at: number;
  readonly pass: number;
  readonly cursor: string;
  readonly next_at: number;
}

/** The second pass finds profiles that were made meanwhile by somebody who had not heard of the segments. */
const PASSES = 2;

/** How far the profiles of each workspace have been told that they must be looked at anew. */
@Injectable()
export class BackfillStore {
  constructor(private readonly db: Database) {}

  /**
   * Tells the next profiles of a workspace, unless another replica is about it or it is not time yet. True when all have
   * been told.
   */
  async step(workspace: string, news: News, now: Date, pace: Pace): Promise<boolean> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const progress = await claimed(tx, workspace, news);
      if (progress === null || progress.next_at > now.getTime()) return false;
      if (progress.pass > PASSES) return true;
      const last = await told(tx, workspace, { ...news, cursor: progress.cursor, now }, pace.profiles);
      await save(tx, workspace, news, nextOf(progress, last, now, pace));
      return false;
    });
  }
}

/** The backfill of a workspace, begun anew when the segments are newer than those it was for; null when it is not ours to do. */
async function claimed(tx: Tx, workspace: string, { revision, publishedAt }: News): Promise<Progress | null> {
  await tx.query(
    `insert into segmentation.backfill (workspace, revision, published_at, pass, cursor, next_at)
     values ($1, $2, $3, 1, '', 0) on conflict do nothing`,
    [workspace, revision, publishedAt],
  );
  const [progress] = await tx.query<Progress>(
    `select revision, published_at, pass, cursor, next_at from segmentation.backfill where workspace = $1 for update skip locked`,
    [workspace],
  );
  if (progress === undefined || progress.revision === revision) return progress ?? null;
  return progress.published_at > publishedAt
    ? null
    : { revision, published_at: publishedAt, pass: 1, cursor: '', next_at: 0 };
}

/** Marks profiles behind the cursor as due and returns the last of them, or null when there are no more. */
async function told(
  tx: Tx,
  workspace: string,
  { revision, publishedAt, cursor, now }: News & { readonly cursor: string; readonly now: Date },
  limit: number,
): Promise<string | null> {
  const [next] = await tx.query<{ last: string | null }>(
    `select max(profile_id) as last
       from (select profile_id from segmentation.profile where workspace = $1 and profile_id > $2 order by profile_id limit $3) next`,
    [workspace, cursor, limit],
  );
  const last = next?.last ?? null;
  if (last === null) return null;
  // Locked in the order of everybody, then changed by the same range: a join would keep the plan that an empty table got.
  const stale = 'workspace = $1 and profile_id > $2 and profile_id <= $3 and revision <> $4 and merged_into is null';
  const range = [workspace, cursor, last, revision];
  await tx.query(
    `select count(*) from (select from segmentation.profile where ${stale} order by profile_id for update) locked`,
    range,
  );
  await tx.query(
    `update segmentation.profile set wake_at = least(wake_at, $5), known_at = greatest(known_at, $6) where ${stale}`,
    [...range, now.getTime(), publishedAt],
  );
  return last;
}

function nextOf(
  { pass }: Progress,
  last: string | null,
  now: Date,
  { everyMs, pauseMs }: Pace,
): Pick<Progress, 'pass' | 'cursor' | 'next_at'> {
  if (last !== null) return { pass, cursor: last, next_at: now.getTime() + everyMs };
  return { pass: pass + 1, cursor: '', next_at: pass === 1 ? now.getTime() + pauseMs : 0 };
}

const save = (
  tx: Tx,
  workspace: string,
  { revision, publishedAt }: News,
  next: Pick<Progress, 'pass' | 'cursor' | 'next_at'>,
) =>
  tx.query(
    `update segmentation.backfill set revision = $2, published_at = $3, pass = $4, cursor = $5, next_at = $6 where workspace = $1`,
    [workspace, revision, publishedAt, next.pass, next.cursor, next.next_at],
  );
