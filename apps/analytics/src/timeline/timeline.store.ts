import { Injectable } from '@nestjs/common';
import { Database, rowSet, type Tx } from '@tidings/postgres';
import { idsOfPerson } from '../identities.store.js';
import type { Moment, MomentDetail } from './timeline.js';

const rows = rowSet({ day: 'date', workspace: 'text', profile_id: 'text', at: 'timestamptz', id: 'uuid', kind: 'text', detail: 'jsonb' });

/** A moment as it is read. */
export interface ReadMoment {
  readonly at: Date;
  readonly id: string;
  readonly kind: string;
  readonly detail: MomentDetail;
}

/** Keeps moments in the transaction that heard of them, in one order; one that is told again stays as it is. */
export async function keepMoments(tx: Tx, moments: readonly Moment[]): Promise<void> {
  if (moments.length === 0) return;
  await tx.query(
    `insert into analytics.timeline (${rows.names}) select ${rows.names} from ${rows.source()} order by r.workspace, r.profile_id, r.at, r.id on conflict do nothing`,
    rows.parameters(moments.map(({ profileId, ...moment }) => ({ ...moment, profile_id: profileId, day: moment.at.slice(0, 10) }))),
  );
}

/** The lives of profiles, for those who look at them. */
@Injectable()
export class TimelineStore {
  constructor(private readonly database: Database) {}

  /** A page of a person's life under all their ids, the newest first; `after` is the instant and the id of the last that was seen. */
  page(workspace: string, profileId: string, after: readonly string[] | null, limit: number): Promise<ReadMoment[]> {
    const [at, id] = after ?? ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<ReadMoment>(
        `select at, id, kind, detail from analytics.timeline
          where workspace = $1 and profile_id = any(${idsOfPerson('$1::text', '$2::text')}) and (at, id) < ($3::timestamptz, $4::uuid)
            and day <= ($3::timestamptz at time zone 'utc')::date
          order by at desc, id desc limit $5`,
        [workspace, profileId, at, id, limit],
      ),
    );
  }
}
