import { Injectable } from '@nestjs/common';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { idsOfPerson } from '../identities.store.js';
import { stretchesOf, type KeptMoment, type Moment } from './timeline.js';

const rows = rowSet({ day: 'date', workspace: 'text', profile_id: 'text', minute: 'timestamptz', moments: 'jsonb' });

/** Where a reader got to: the instant (ms) and the id of the last moment that was seen. */
export interface TimelinePlace {
  readonly at: number;
  readonly id: string;
}

/** Keeps moments in the transaction that heard of them. One that is told again may lie there twice: readers see it once. */
export async function keepMoments(tx: Tx, moments: readonly Moment[]): Promise<void> {
  if (moments.length === 0) return;
  await tx.query(
    `insert into analytics.timeline (${rows.names}) select ${rows.names} from ${rows.source()}`,
    rows.parameters(stretchesOf(moments).map(({ workspace, profileId, minute, moments: kept }) => ({ day: minute.slice(0, 10), workspace, profile_id: profileId, minute, moments: kept }))),
  );
}

/** Lets go of what happened under the ids until an instant, and says how many stretches that were. */
export async function forgetMoments(tx: Tx, workspace: string, ids: readonly string[], until: string): Promise<number> {
  const mine = 'workspace = $1 and profile_id = any($2::text[]) and minute <= $3';
  const parameters = [workspace, ids, until];
  // The minute of the instant itself may go on behind it, as a new person's.
  await tx.query(
    `update analytics.timeline set moments = coalesce(
       (select jsonb_agg(m) from jsonb_array_elements(moments) as m where (m ->> 'at')::timestamptz > $3), '[]')
      where ${mine} and minute > $3::timestamptz - interval '1 minute'`,
    parameters,
  );
  const gone = await tx.query(
    `delete from analytics.timeline where ${mine} and (minute <= $3::timestamptz - interval '1 minute' or moments = '[]') returning 1`,
    parameters,
  );
  return gone.length;
}

/** The lives of profiles, for those who look at them. */
@Injectable()
export class TimelineStore {
  constructor(private readonly database: Database) {}

  /** A page of a person's life under all their ids, the newest first, each moment once; behind `after`. */
  page(workspace: string, profileId: string, after: TimelinePlace | null, limit: number): Promise<KeptMoment[]> {
    return this.database.transact({ workspaces: [workspace] }, async (tx) => {
      const found = new Map<string, KeptMoment>();
      let below = after === null ? 'infinity' : new Date(after.at + 1).toISOString();
      for (;;) {
        const read = await minutes(tx, { workspace, profileId, below, limit });
        for (const moment of read.flatMap(({ moments }) => moments)) if (after === null || isBefore(moment, after)) found.set(moment.id, moment);
        const last = read.at(-1);
        if (last === undefined || read.length < limit || found.size >= limit) return [...found.values()].toSorted(newestFirst).slice(0, limit);
        below = last.minute.toISOString();
      }
    });
  }
}

interface Minute {
  readonly minute: Date;
  readonly moments: readonly KeptMoment[];
}

/** At least so many stretches that began before an instant, the newest first, unless there are no more; never a part of a minute's. */
const minutes = (tx: Tx, { workspace, profileId, below, limit }: { readonly workspace: string; readonly profileId: string; readonly below: string; readonly limit: number }) =>
  tx.query<Minute>(
    `select minute, moments from analytics.timeline
      where workspace = $1 and profile_id = any(${idsOfPerson('$1::text', '$2::text')}) and minute < $3::timestamptz
        and day <= ($3::timestamptz at time zone 'utc')::date
      order by minute desc fetch first $4 rows with ties`,
    [workspace, profileId, below, limit],
  );

const isBefore = (moment: KeptMoment, place: TimelinePlace): boolean => newestFirst({ ...moment, at: new Date(place.at).toISOString(), id: place.id }, moment) < 0;

const newestFirst = (a: KeptMoment, b: KeptMoment): number => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
