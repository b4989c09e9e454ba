import { Injectable } from '@nestjs/common';
import { rowSet, type Tx } from '@tidings/postgres';
import { idsOfPerson } from '../identities.store.js';
import type { Happening } from '../messages/happening.js';

/** A profile did what a journey is for. */
export interface GoalReached {
  readonly workspace: string;
  readonly profileId: string;
  readonly journey: string;
  readonly at: string;
  /** A message decided before this instant is too old to have been the reason. */
  readonly since: string;
}

const reachedRows = rowSet({ workspace: 'text', profile_id: 'text', journey: 'text', at: 'timestamptz', since: 'timestamptz' });

/** Finds which message a conversion is credited to: the last one of the journey to the person, under any of their ids, that was decided in time. */
@Injectable()
export class ConversionStore {
  async credited(tx: Tx, reached: readonly GoalReached[]): Promise<Happening[]> {
    if (reached.length === 0) return [];
    // "is true" keeps the index by journey out, which without statistics looks as good and holds everybody's messages.
    const rows = await tx.query<{ day: string; workspace: string; message_id: string; profile_id: string; channel: string; at: Date }>(
      `select m.day::text as day, m.workspace, m.message_id, m.profile_id, m.channel, r.at
         from (select *, ${idsOfPerson('r.workspace', 'r.profile_id')} as ids from ${reachedRows.source()}) r
         cross join lateral (
           select * from analytics.message m
            where m.workspace = r.workspace and m.profile_id = any(r.ids) and (m.journey = r.journey) is true and m.state in ('sent', 'in-flight')
              and m.decided_at <= r.at and m.decided_at >= r.since and m.day >= (r.since at time zone 'utc')::date
            order by m.decided_at desc, m.message_id desc limit 1) m`,
      reachedRows.parameters(reached.map(({ profileId, ...rest }) => ({ profile_id: profileId, ...rest }))),
    );
    return rows.map(({ day, workspace, message_id, profile_id, channel, at }) => ({
      key: { day, workspace, messageId: message_id, profileId: profile_id, channel },
      kind: 'converted',
      at: at.toISOString(),
    }));
  }
}
