import { Injectable } from '@nestjs/common';
import type { Due } from '@tidings/bus';
import { Database, type Tx } from '@tidings/postgres';
import type { Segments } from '@tidings/segment';
import { profileColumns, ProfileStore, type Plan } from './profile.store.js';
import type { ProfileRow } from './profile-row.js';
import type { Counted } from './segment-catalog.js';
import { changeStretch } from './stretch.store.js';

/** What profiles are to be told of. */
export type News = Pick<Segments, 'revision' | 'publishedAt'>;

/** How one step of a backfill goes. */
export interface Pace {
  readonly profiles: number;
  /** How long after the first pass the second begins. */
  readonly pauseMs: number;
}

/** What became of a step: there is more to do, it is not time yet or somebody else is about it, or everybody was told. */
export type Stepped = 'more' | 'later' | 'done';

interface Progress {
  readonly revision: string;
  readonly published_at: number;
  readonly pass: number;
  readonly cursor: string;
  readonly next_at: number;
}

/** The second pass finds profiles that were made meanwhile by somebody who had not heard of the segments. */
const PASSES = 2;

/** Segments that change more often before everybody was told of any are looked for in history as if nothing had been counted before. */
const MOST_REVISIONS = 50;

/** How far the profiles of each workspace have been held against its newest segments. */
@Injectable()
export class BackfillStore {
  constructor(
    private readonly db: Database,
    private readonly profiles: ProfileStore,
  ) {}

  /** Notes what is counted under these segments, and tells it of those before that somebody may still be held against. */
  async note(workspace: string, { revision, publishedAt, byCounter }: Segments): Promise<Counted> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      await tx.query(
        `insert into segmentation.revision (workspace, revision, published_at, counters)
         select $1, $2, $3, $4::jsonb where (select count(*) from segmentation.revision where workspace = $1) < $5
         on conflict (workspace, revision) do update set published_at = excluded.published_at`,
        [workspace, revision, publishedAt, JSON.stringify([...byCounter.keys()]), MOST_REVISIONS],
      );
      const rows = await tx.query<{ revision: string; counters: readonly string[] }>(
        'select revision, counters from segmentation.revision where workspace = $1',
        [workspace],
      );
      return new Map(rows.map((row) => [row.revision, new Set(row.counters)]));
    });
  }

  /**
   * Takes the next profiles of a workspace on and notes how far it came, all or nothing. Those whose partition is behind are only made
   * due, for the clock to wait; without a plan all are.
   */
  async step(workspace: string, news: News, due: Due, pace: Pace, planOf: (() => Plan) | null): Promise<Stepped> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const progress = await claimed(tx, workspace, news);
      if (progress === null || progress.next_at > due.now.getTime()) return 'later';
      if (progress.pass > PASSES) {
        await tx.query('delete from segmentation.revision where workspace = $1 and published_at < $2', [workspace, news.publishedAt]);
        return 'done';
      }
      const last = await lastBehind(tx, workspace, progress.cursor, pace.profiles);
      if (last !== null) await this.tell(tx, await staleUntil(tx, workspace, { ...news, cursor: progress.cursor, last }), { due, news, planOf });
      await save(tx, workspace, news, nextOf(progress, last, due.now, pace));
      return 'more';
    });
  }

  private async tell(tx: Tx, stale: readonly ProfileRow[], { due, news, planOf }: Telling): Promise<void> {
    const now = due.now.getTime();
    const isLate = ({ partition }: ProfileRow): boolean => planOf === null || due.behind.some((each) => each.partition === partition && now > each.until);
    const late = stale.filter(isLate);
    if (late.length > 0) await makeDue(tx, late, { now, publishedAt: news.publishedAt });
    if (planOf !== null) await changeStretch(tx, stale.filter((row) => !isLate(row)), { now: due.now, planOf, profiles: this.profiles });
  }
}

interface Telling {
  readonly due: Due;
  readonly news: News;
  readonly planOf: (() => Plan) | null;
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

/** The last of the next profiles behind the cursor, or null when there are no more. */
async function lastBehind(tx: Tx, workspace: string, cursor: string, limit: number): Promise<string | null> {
  const [range] = await tx.query<{ last: string | null }>(
    `select max(profile_id) as last
       from (select profile_id from segmentation.profile where workspace = $1 and profile_id > $2 order by profile_id limit $3) next`,
    [workspace, cursor, limit],
  );
  return range?.last ?? null;
}

/** Profiles up to the last that were not held against the newest segments, locked in the order in which everybody locks. */
const staleUntil = (
  tx: Tx,
  workspace: string,
  { cursor, last, revision }: Pick<News, 'revision'> & { readonly cursor: string; readonly last: string },
): Promise<ProfileRow[]> =>
  tx.query<ProfileRow>(
    `select ${profileColumns} from segmentation.profile
      where workspace = $1 and profile_id > $2 and profile_id <= $3 and revision <> $4 and merged_into is null
      order by profile_id for update`,
    [workspace, cursor, last, revision],
  );

const makeDue = (tx: Tx, rows: readonly ProfileRow[], { now, publishedAt }: { readonly now: number; readonly publishedAt: number }) =>
  tx.query(
    `update segmentation.profile set wake_at = least(wake_at, $3), known_at = greatest(known_at, $4)
      where workspace = $1 and profile_id = any($2::text[])`,
    [rows[0]?.workspace, rows.map(({ profile_id: id }) => id), now, publishedAt],
  );

function nextOf(
  { pass }: Progress,
  last: string | null,
  now: Date,
  { pauseMs }: Pace,
): Pick<Progress, 'pass' | 'cursor' | 'next_at'> {
  if (last !== null) return { pass, cursor: last, next_at: 0 };
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
