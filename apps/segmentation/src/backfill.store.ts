import { Injectable } from '@nestjs/common';
import type { Due } from '@tidings/bus';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import type { Segments } from '@tidings/segment';
import { advanced, begun, PASSES, type News, type Progress, type Step } from './backfill-progress.js';
import { profilesOf } from './preview.store.js';
import type { Plan } from './profile.store.js';
import type { ProfileRow } from './profile-row.js';
import type { Counted } from './segment-catalog.js';
import { commitLazily, StretchStore } from './stretch.store.js';

/** How one step of a backfill goes. */
export interface Pace {
  readonly profiles: number;
  /** How long after the first pass the second begins. */
  readonly pauseMs: number;
}

/** There is more to do, it is not time yet or somebody else is about it, or everybody was told. */
type Became = 'more' | 'later' | 'done';

/** What became of a step, and how many profiles it told, left to the clock, and found told. */
export interface Stepped {
  readonly became: Became;
  readonly told: number;
  readonly left: number;
  readonly known: number;
}

const nobody = { told: 0, left: 0, known: 0 };

/** Segments that change more often before everybody was told of any are looked for in history as if nothing had been counted before. */
const MOST_REVISIONS = 50;

/** How far the profiles of each workspace have been held against its newest segments. */
@Injectable()
export class BackfillStore {
  constructor(
    private readonly db: Database,
    private readonly stretches: StretchStore,
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
   * Takes the next profiles of a workspace on and notes how far it came. What it did is kept also when it comes to no good end: who begins there
   * again finds those told. Profiles whose partition is behind are only made due, for the clock to wait; without a plan all are.
   */
  async step(workspace: string, news: News, due: Due, pace: Pace, planOf: (() => Plan) | null): Promise<Stepped> {
    const claim = await this.claimed(workspace, news, due.now.getTime(), pace.profiles);
    if (typeof claim === 'string') return { became: claim, ...nobody };
    try {
      const { progress, last, passed } = claim;
      const stale = last === null ? [] : await this.stretches.stale({ workspace, cursor: progress.cursor, last, revision: news.revision });
      const isLate = ({ partition }: ProfileRow): boolean => due.behind.some((each) => each.partition === partition && due.now.getTime() > each.until);
      const left = await this.stretches.change(stale, { workspace, news, now: due.now, planOf, isLate });
      await this.advance(workspace, progress, advanced(progress, { last, passed, left }, due.now.getTime(), pace.pauseMs));
      return { became: 'more', told: stale.length - left, left, known: passed - stale.length };
    } catch (error) {
      // Whoever is next need not wait; where that cannot be said they do.
      await this.advance(workspace, claim.progress, claim.progress).catch(() => undefined);
      throw error;
    }
  }

  /** How far it came; null when nobody has begun. */
  async progress(workspace: string): Promise<Progress | null> {
    return this.db.transact({ workspaces: [workspace] }, (tx) => kept(tx, workspace));
  }

  /** The next profiles, for nobody else to take on for a while; or why there are none. */
  private async claimed(workspace: string, news: News, now: number, profiles: number): Promise<Claim | Exclude<Became, 'more'>> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      await commitLazily(tx);
      const progress = await ours(tx, workspace, news, now);
      if (progress === null || progress.next_at > now) return 'later';
      if (progress.pass > PASSES) {
        await tx.query('delete from segmentation.revision where workspace = $1 and published_at < $2', [workspace, news.publishedAt]);
        return 'done';
      }
      await save(tx, workspace, { ...progress, next_at: now + CLAIM_MS });
      return { progress, ...(await nextBehind(tx, workspace, progress.cursor, profiles)) };
    });
  }

  /** Notes how far it came, unless somebody else has gone on meanwhile. */
  private async advance(workspace: string, from: Progress, to: Progress): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, async (tx) => {
      await commitLazily(tx);
      const now = await kept(tx, workspace, 'for update');
      if (now?.revision === from.revision && now.pass === from.pass && now.cursor === from.cursor) await save(tx, workspace, to);
    });
  }
}

/** Whoever dies is not waited for any longer; nobody takes as long for a step. */
const CLAIM_MS = 10_000;

interface Claim extends Omit<Step, 'left'> {
  readonly progress: Progress;
}

const row = rowSet({
  workspace: 'text', revision: 'text', published_at: 'int8', pass: 'int4', cursor: 'text', next_at: 'int8', begun_at: 'int8', stepped_at: 'int8', told_at: 'int8', ended_at: 'int8',
  profiles: 'int8', method: 'text', told: 'int8', left_over: 'int8', per_second: 'float8', last: 'jsonb',
}); // prettier-ignore

/** The backfill of a workspace, begun anew when the segments are newer than those it was for; null when it is not ours to do. */
async function ours(tx: Tx, workspace: string, news: News, now: number): Promise<Progress | null> {
  const before = (await kept(tx, workspace, 'for update skip locked')) ?? (await firstOf(tx, workspace, now));
  if (before === null) return null;
  if (before.revision === news.revision) return { ...before, published_at: news.publishedAt };
  if (before.published_at > news.publishedAt) return null;
  return begun(news, await profilesOf(tx, workspace), before, now);
}

/** The row of a workspace that had none; null when somebody else made it, and holds it. */
async function firstOf(tx: Tx, workspace: string, now: number): Promise<Progress | null> {
  const none = begun({ revision: '', publishedAt: 0 }, { profiles: 0, method: 'exact' }, null, now);
  const made = await tx.query(
    `insert into segmentation.backfill (${row.names}) select ${row.names} from ${row.source()} on conflict do nothing returning 1`,
    row.parameters([{ workspace, ...none }]),
  );
  return made.length > 0 ? none : null;
}

async function kept(tx: Tx, workspace: string, locked = ''): Promise<Progress | null> {
  const [progress] = await tx.query<Progress>(`select ${row.names} from segmentation.backfill where workspace = $1 ${locked}`, [workspace]);
  return progress ?? null;
}

/** The next profiles behind the cursor: the last of them, or null when there are no more, and how many there are. */
async function nextBehind(tx: Tx, workspace: string, cursor: string, limit: number): Promise<Omit<Step, 'left'>> {
  const [range] = await tx.query<Omit<Step, 'left'>>(
    `select max(profile_id) as last, count(*) filter (where merged_into is null) as passed
       from (select profile_id, merged_into from segmentation.profile where workspace = $1 and profile_id > $2 order by profile_id limit $3) next`,
    [workspace, cursor, limit],
  );
  return range ?? { last: null, passed: 0 };
}

const save = (tx: Tx, workspace: string, progress: Progress) =>
  tx.query(
    `update segmentation.backfill b set (${row.names}) = (select ${row.names} from ${row.source(2)}) where b.workspace = $1`,
    [workspace, ...row.parameters([{ workspace, ...progress }])],
  );
