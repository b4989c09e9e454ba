import { Injectable } from '@nestjs/common';
import { Database } from '@tidings/postgres';
import { columns, toRecord, type MessageRow } from '../messages/message-rows.js';
import { idsOfPerson } from '../identities.store.js';
import type { MessageRecord } from '../messages/message-record.js';

/** A sum of one metric, for one reason. */
export interface Count {
  readonly journey: string;
  readonly step: string;
  readonly channel: string;
  readonly metric: string;
  readonly reason: string;
  readonly count: number;
}

/** Which messages: every condition that is given must hold. */
export interface MessageFilter {
  /** Any of a person's ids; all of them are meant. */
  readonly profile: string | null;
  readonly journey: string | null;
  readonly message: string | null;
  readonly state: string | null;
}

/** Days, first and last included; null for no bound. */
export interface Days {
  readonly from: string | null;
  readonly to: string | null;
}

/** Reads the numbers and the messages. */
@Injectable()
export class ReportsStore {
  constructor(private readonly database: Database) {}

  /** The sums of a journey, or of all of them. */
  counts(workspace: string, journey: string | null, { from, to }: Days): Promise<Count[]> {
    return this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<Count>(
        `select journey, step, channel, metric, reason, sum(count)::float8 as count from analytics.rollup
          where workspace = $1 and ($2::text is null or journey = $2) and ($3::date is null or day >= $3) and ($4::date is null or day <= $4)
          group by journey, step, channel, metric, reason order by journey, step, channel, metric, reason`,
        [workspace, journey, from, to],
      ),
    );
  }

  /** Sums of all messages beside the number of rows in flight: two sources, so that they can disagree. */
  async reconciliation(workspace: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<{ metric: string; count: number }>(
        `select metric, sum(count)::float8 as count from analytics.rollup
          where workspace = $1 and metric in ('accepted', 'sent', 'withheld', 'failed') group by metric
         union all
         select 'inFlight', count(*)::float8 from analytics.message where workspace = $1 and state = 'in-flight'`,
        [workspace],
      ),
    );
    return new Map(rows.map(({ metric, count }) => [metric, count]));
  }

  /** A page of messages, the newest decision first. */
  async messages(workspace: string, { profile, journey, message, state }: MessageFilter, after: readonly string[] | null, limit: number): Promise<MessageRecord[]> {
    const rows = await this.database.transact({ workspaces: [workspace] }, (tx) =>
      tx.query<MessageRow>(
        `select ${columns} from analytics.message m
          where m.workspace = $1 and m.decided_at is not null
            and ($2::text is null or m.profile_id = any(${idsOfPerson('$1::text', '$2::text')})) and ($3::text is null or m.journey = $3)
            and ($4::uuid is null or m.message_id = $4) and ($5::text is null or m.state = $5)
            and ($6::text[] is null or (m.decided_at, m.message_id) < ((($6::text[])[1])::timestamptz, (($6::text[])[2])::uuid))
          order by m.decided_at desc, m.message_id desc limit $7`,
        [workspace, profile, journey, message, state, after, limit],
      ),
    );
    return rows.map(toRecord);
  }
}
