import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InfrastructureError } from '@tidings/bus';
import { Database, type Tx } from '@tidings/postgres';
import type { News } from './backfill-progress.js';
import { historiesOf, pastIn, type Asked } from './history-reading.store.js';
import { isSaidAside } from './counts-as.js';
import { meetGroups } from './group.store.js';
import { lockedInOrder } from './profile-lock.store.js';
import { ProfileMap } from './profile-map.js';
import { ProfileStore, type Histories, type Past, type Plan } from './profile.store.js';
import { profileColumns } from './profile-writing.store.js';
import type { ProfileRow } from './profile-row.js';
import { countsSent, passGate } from './sent-gate.store.js';
import { Traffic } from './traffic.js';
import { Underway } from './underway.js';

/** So many are followed in some four milliseconds, and their rows are held for some fifteen: whoever hears an event of theirs does not wait for the rest of the stretch. */
const FEW = 100;
/** So many rows are read in within a few milliseconds. */
const READ_AT_ONCE = 250;
/** What bounds the rate. */
const MS_PER_PROFILE = 0.1;
/** A batch of the stream takes some ten; a stream without gaps slows this down, and does not stop it. */
const GAP_MS = 20;

/** A row as it was read, and by what it can be told whether it still is what was read. */
export type SeenRow = ProfileRow & { readonly seen: string };

/** Profiles between two ids, the first of them left out, that were not held against these segments. */
export interface Stale {
  readonly workspace: string;
  readonly cursor: string;
  readonly last: string;
  readonly revision: string;
}

/** How profiles are followed. */
export interface Stretch {
  readonly workspace: string;
  readonly news: News;
  readonly now: Date;
  /** A plan for each few, all by the same segments; null where all are left to the clock. */
  readonly planOf: (() => Plan) | null;
  /** Whether somebody is left to the clock, which waits for what was said until now. */
  readonly isLate: (row: ProfileRow) => boolean;
}

/**
 * Follows profiles of one workspace that lie beside each other in the order of their ids. What is known of them and what they did is
 * read at once, and nobody is kept from them meanwhile; then a few at a time are locked, and followed unless they became others.
 */
@Injectable()
export class StretchStore {
  constructor(
    private readonly db: Database,
    private readonly profiles: ProfileStore,
    private readonly traffic: Traffic,
  ) {}

  /** The rows, as they are now; none is locked. A few at a time: what an answer takes to read in, nobody else is served. */
  async stale({ workspace, cursor, last, revision }: Stale): Promise<readonly SeenRow[]> {
    return this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const rows: SeenRow[] = [];
      for (let found: readonly SeenRow[] | null = null; found === null || found.length === READ_AT_ONCE; ) {
        found = await tx.query<SeenRow>(
          `select ${seenColumns} from segmentation.profile
            where workspace = $1 and profile_id > $2 and profile_id <= $3 and revision <> $4 and merged_into is null
            order by profile_id limit $5`,
          [workspace, rows.at(-1)?.profile_id ?? cursor, last, revision, READ_AT_ONCE],
        );
        rows.push(...found);
      }
      return rows;
    });
  }

  /** Follows them all, and resolves with how many were left to the clock; where a few fail, the others are followed all the same before it rejects. */
  async change(rows: readonly SeenRow[], stretch: Stretch): Promise<number> {
    if (rows.length === 0) return 0;
    const { looks, ahead } = await this.lookAhead(rows, stretch);
    const pace = new Pace(MS_PER_PROFILE);
    const works = new Underway();
    let left = 0;
    for (const look of looks) {
      await pace.turn(look.few.length);
      await this.traffic.gap(GAP_MS);
      const work = this.db.transact({ workspaces: [stretch.workspace] }, (tx) => this.changeFew(tx, look, { ...stretch, ahead }));
      works.begin(work);
      left += await work.catch(unlessOfTheWorld);
    }
    await works.done();
    return left;
  }

  /** What is asked of everybody's history, and what it says where nobody has to be held for that. */
  private async lookAhead(rows: readonly SeenRow[], { workspace, planOf, isLate }: Stretch): Promise<{ looks: readonly Look[]; ahead: Histories | null }> {
    const plan = planOf?.();
    const looks: Look[] = [];
    for (const few of piecesOf(rows, FEW)) {
      looks.push({ few, asked: plan?.missing(ProfileMap.of(few.filter((row) => !isLate(row)))) ?? [] });
      await immediately();
    }
    const asked = looks.flatMap((look) => look.asked);
    // Who counts what may be said aside must hold the profile.
    if (asked.some(({ rules }) => rules.some(({ sources }) => sources.some(isSaidAside)))) return { looks: looks.map(({ few }) => ({ few, asked: [] })), ahead: null };
    return { looks, ahead: await this.db.transact({ workspaces: [workspace] }, (tx) => historiesOf(tx, asked, 'along')) };
  }

  private async changeFew(tx: Tx, { few, asked }: Look, going: Going): Promise<number> {
    const { now, planOf, isLate, news, ahead } = going;
    const [, held] = await Promise.all([commitLazily(tx), heldAgain(tx, few, news.revision)]);
    const late = held.rows.filter((row) => planOf === null || isLate(row));
    if (late.length > 0) await makeDue(tx, late, { now, publishedAt: news.publishedAt });
    const rows = held.rows.filter((row) => !late.includes(row));
    if (planOf === null || rows.length === 0) return late.length;
    const plan = planOf();
    const profiles = ProfileMap.of(rows);
    await meetGroups(tx, profiles, []);
    const isAsRead = ahead !== null && rows.length === few.length && held.same.size === few.length;
    const past = isAsRead ? pastIn(ahead, asked) : await pastFor(tx, plan.missing(profiles), { same: held.same, ahead });
    await this.profiles.settle(tx, profiles, now, plan.decide(profiles, past));
    return late.length;
  }
}

/** What is the fault of somebody among a few costs the others nothing; without Postgres there is no use in going on. */
function unlessOfTheWorld(error: unknown): 0 {
  if (error instanceof InfrastructureError) throw error;
  return 0;
}

/** A few, and what is asked of their histories. */
interface Look {
  readonly few: readonly SeenRow[];
  readonly asked: readonly Asked[];
}

interface Going extends Stretch {
  /** What they did, as it was read before; null where it is to be read while they are held. */
  readonly ahead: Histories | null;
}

const piecesOf = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_none, n) => all.slice(n * size, (n + 1) * size));

const seenColumns = `${profileColumns}, xmin::text as seen`;

/**
 * Whoever has it done anew after a crash of Postgres tells the same under the same causes: nobody has to wait for the disk. What is
 * written down later, how far it came above all, is never kept without it.
 */
export const commitLazily = (tx: Tx): Promise<unknown> => tx.query('set local synchronous_commit = off');

/** Rows in the order in which they were read, and the ids of those that are still what was read. */
interface Held {
  readonly rows: readonly ProfileRow[];
  readonly same: ReadonlySet<string>;
}

/**
 * Locks rows that were read before, in the order in which everybody locks. What somebody changed since is as it is now. Those are left out that are gone, that
 * became part of others, or that were told meanwhile.
 */
async function heldAgain(tx: Tx, few: readonly SeenRow[], revision: string): Promise<Held> {
  const refs = few.map((row) => ({ workspace: row.workspace, profileId: row.profile_id }));
  const locked = await lockedInOrder<Pick<SeenRow, 'profile_id' | 'seen'>>(tx, refs, 'profile_id, xmin::text as seen');
  const now = new Map(locked.map((row) => [row.profile_id, row.seen]));
  const same = few.filter((row) => now.get(row.profile_id) === row.seen);
  const ids = new Set(same.map((row) => row.profile_id));
  if (same.length === few.length) return { rows: same, same: ids };
  const changed = few.filter((row) => !ids.has(row.profile_id)).map((row) => row.profile_id);
  const others = await tx.query<ProfileRow>(
    `select ${profileColumns} from segmentation.profile where workspace = $1 and profile_id = any($2::text[]) and revision <> $3 and merged_into is null`,
    [few[0]?.workspace, changed, revision],
  );
  const byId = new Map([...same, ...others].map((row) => [row.profile_id, row]));
  return { rows: few.flatMap((row) => byId.get(row.profile_id) ?? []), same: ids };
}

/** The counters that they lack: of those who did not change from what was read ahead, of the others from history as it is now. */
async function pastFor(tx: Tx, missing: readonly Asked[], { same, ahead }: Pick<Held, 'same'> & Pick<Going, 'ahead'>): Promise<Past> {
  const isRead = ({ ref }: Asked): boolean => ahead !== null && same.has(ref.profileId);
  const unread = missing.filter((asked) => !isRead(asked));
  if (countsSent(unread.flatMap(({ rules }) => rules))) await passGate(tx, 'counts');
  const histories = await historiesOf(tx, unread, ahead === null ? 'along' : 'each');
  return new Map([...pastIn(histories, unread), ...pastIn(ahead ?? new Map(), missing.filter(isRead))]);
}

const makeDue = (tx: Tx, rows: readonly ProfileRow[], { now, publishedAt }: { readonly now: Date; readonly publishedAt: number }) =>
  tx.query(
    `update segmentation.profile set wake_at = least(wake_at, $3), known_at = greatest(known_at, $4)
      where workspace = $1 and profile_id = any($2::text[])`,
    [rows[0]?.workspace, rows.map(({ profile_id: id }) => id), now.getTime(), publishedAt],
  );

/** Turns that lie apart by so many milliseconds for each profile; one that comes late moves those after it. */
class Pace {
  private nextAt = 0;

  constructor(private readonly msEach: number) {}

  async turn(profiles: number): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.nextAt);
    this.nextAt = at + profiles * this.msEach;
    if (at > now) await sleep(at - now);
  }
}
