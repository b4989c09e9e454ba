import { Injectable } from '@nestjs/common';
import type { AcceptedEvent, Values } from '@tidings/contracts';
import { Database, type Tx } from '@tidings/postgres';
import type { KeptEvent } from './event-history.store.js';
import type { ProfileRef } from './known-profile.js';
import type { ProfileRow } from './profile-row.js';

/** A profile as lists and pages read it. */
export type ReadProfile = Pick<
  ProfileRow,
  | 'profile_id'
  | 'version'
  | 'created_at'
  | 'traits'
  | 'devices'
  | 'addresses'
  | 'consent'
  | 'times'
  | 'timezone'
  | 'locale'
  | 'place'
  | 'identity'
  | 'groups'
  | 'segments'
  | 'counters'
  | 'revision'
>;

/** An event of a profile's history with the key it is sorted by. */
export interface ReadEvent {
  readonly day: string;
  readonly received_at: Date;
  readonly message_id: string;
  readonly type: AcceptedEvent['type'];
  readonly name: string;
  readonly event: KeptEvent;
  /** The ids that became the profile's by this event. */
  readonly merged: readonly string[];
}

const columns =
  'profile_id, version, created_at, traits, devices, addresses, consent, times, timezone, locale, place, identity, groups, segments, counters, revision';
/** One profile by any of its ids: what it became part of, and what that did, to the end. */
const whole = `
  with recursive way as (
    select ${columns}, merged_into from segmentation.profile where workspace = $1 and profile_id = $2
     union all
    select ${columns.replaceAll(/\w+/g, 'p.$&')}, p.merged_into from way join segmentation.profile p on p.workspace = $1 and p.profile_id = way.merged_into)
  select ${columns} from way where merged_into is null`;

/** A search by trait looks at so many profiles at a time: it has no index, and must not hang on a large workspace. */
const SCAN = 10_000;

/** Profiles, their history and the members of segments, for those who look at them. Changes nothing. */
@Injectable()
export class ProfileReading {
  constructor(private readonly db: Database) {}

  /** Profiles behind a cursor, in the order of their ids. */
  list(workspace: string, after: string, limit: number): Promise<readonly ReadProfile[]> {
    return this.read(workspace, (tx) =>
      tx.query<ReadProfile>(
        `select ${columns} from segmentation.profile
          where workspace = $1 and profile_id > $2 and merged_into is null order by profile_id limit $3`,
        [workspace, after, limit],
      ),
    );
  }

  /**
   * Of the next 10,000 profiles behind a cursor, those with any of these traits; `scanned` is the last that was looked at,
   * null when there is nobody behind it.
   */
  search(
    workspace: string,
    after: string,
    limit: number,
    traits: readonly Values[],
  ): Promise<{ found: readonly ReadProfile[]; scanned: string | null }> {
    return this.read(workspace, async (tx) => {
      const [range] = await tx.query<{ last: string | null; count: number }>(
        `select max(profile_id) as last, count(*) as count
           from (select profile_id from segmentation.profile where workspace = $1 and profile_id > $2 order by profile_id limit $3) s`,
        [workspace, after, SCAN],
      );
      const last = range?.last ?? '';
      const found = await tx.query<ReadProfile>(
        `select ${columns} from segmentation.profile
          where workspace = $1 and profile_id > $2 and profile_id <= $3 and merged_into is null and traits @> any($4::jsonb[])
          order by profile_id limit $5`,
        [workspace, after, last, traits.map((each) => JSON.stringify(each)), limit],
      );
      return { found, scanned: range?.count === SCAN ? last : null };
    });
  }

  /** Profiles that are found by an address, by its name. */
  havingAddress(workspace: string, address: string, after: string, limit: number): Promise<readonly ReadProfile[]> {
    return this.read(workspace, (tx) =>
      tx.query<ReadProfile>(
        `select ${columns.replaceAll(/\w+/g, 'p.$&')} from segmentation.profile_address a
           join segmentation.profile p on p.workspace = a.workspace and p.profile_id = a.profile_id
          where a.workspace = $1 and a.address = $2 and a.profile_id > $3 order by a.profile_id limit $4`,
        [workspace, address, after, limit],
      ),
    );
  }

  /** One profile, or the one that it became part of; or undefined. */
  async profile({ workspace, profileId }: ProfileRef): Promise<ReadProfile | undefined> {
    const rows = await this.read(workspace, (tx) => tx.query<ReadProfile>(`${whole} limit 1`, [workspace, profileId]));
    return rows[0];
  }

  /**
   * The events of a profile, under whichever of its ids they came, the newest first; `after` is the day, the instant and the
   * message id of the last that was seen. With the ids that each of them merged.
   */
  async events(
    { workspace, profileId }: ProfileRef,
    after: readonly string[] | null,
    limit: number,
  ): Promise<readonly ReadEvent[]> {
    const [day, receivedAt, messageId] = after ?? ['9999-12-31', '9999-12-31T00:00:00Z', ''];
    return this.read(workspace, async (tx) => {
      const [person] = await tx.query<ReadProfile>(`${whole} limit 1`, [workspace, profileId]);
      const ids = person?.identity.ids ?? [];
      const rows = await tx.query<Omit<ReadEvent, 'merged'>>(
        `select day, received_at, message_id, type, name, event from segmentation.event_history
          where workspace = $1 and profile_id = any($2::text[]) and day <= $3::date
            and (day, received_at, message_id) < ($3::date, $4::timestamptz, $5)
          order by day desc, received_at desc, message_id desc limit $6`,
        [workspace, [person?.profile_id ?? profileId, ...ids.map(({ id }) => id)], day, receivedAt, messageId, limit],
      );
      const merged = Map.groupBy(ids, ({ by }) => by);
      return rows.map((row) => ({ ...row, merged: (merged.get(row.message_id) ?? []).map(({ id }) => id) }));
    });
  }

  /** The members of a segment behind a cursor, in the order of their ids, and how many there are in all. */
  members(
    workspace: string,
    segment: string,
    after: string,
    limit: number,
  ): Promise<{ members: readonly { readonly profile_id: string }[]; count: number }> {
    return this.read(workspace, async (tx) => {
      const members = await tx.query<{ profile_id: string }>(
        `select profile_id from segmentation.segment_member
          where workspace = $1 and segment = $2 and profile_id > $3 order by profile_id limit $4`,
        [workspace, segment, after, limit],
      );
      const [counted] = await tx.query<{ count: number }>(
        'select count(*) as count from segmentation.segment_member where workspace = $1 and segment = $2',
        [workspace, segment],
      );
      return { members, count: counted?.count ?? 0 };
    });
  }

  private read<T>(workspace: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transact({ workspaces: [workspace] }, work);
  }
}
