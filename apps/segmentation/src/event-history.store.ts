import type { AcceptedEvent, Values } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';
import { happenedAt } from '@tidings/profile';
import { countersOf, neededSince, type CounterRule, type Counters, type PastOccurrence } from '@tidings/segment';
import { performing } from './follow.js';
import { keyOf, type ProfileRef } from './known-profile.js';

/** Counters that a profile has not kept and now needs, as of a moment in ms. */
export interface Missing {
  readonly ref: ProfileRef;
  readonly rules: readonly CounterRule[];
  readonly at: number;
}

/** What is kept of an event beside the columns that say the rest of it. */
export type KeptEvent = Pick<
  AcceptedEvent,
  'userId' | 'anonymousId' | 'properties' | 'traits' | 'context' | 'receipt' | 'timestamp' | 'source'
>;

const row = rowSet({
  workspace: 'text', profile_id: 'text', message_id: 'text', type: 'text', name: 'text',
  received_at: 'timestamptz', happened_at: 'int8', event: 'jsonb',
}); // prettier-ignore

/**
 * A scalar sub-select is looked up row by row: as a join it would read the whole of two days' history for a few events.
 * A day that is the same for all rows takes the other days' partitions out before anything is planned for them.
 */
const seenOn = (day: string): string => `
  select true from segmentation.event_history h
   where h.day = ${day} and h.workspace = r.workspace and h.profile_id = r.profile_id and h.message_id = r.message_id limit 1`;

const rememberDay = `
  insert into segmentation.event_history (day, ${row.names})
  select $1::date, ${row.names} from ${row.source(2)}
   where (${seenOn('$1::date - 1')}) is null and (${seenOn('$1::date + 1')}) is null
  on conflict do nothing
  returning workspace, profile_id, message_id`;

/**
 * Writes events down and returns those that are new. An event that its profile has had under the same `messageId`, on the
 * day it was received or a day before or after, is the same event, through whichever door it came again.
 */
export async function remember(tx: Tx, events: readonly AcceptedEvent[]): Promise<ReadonlySet<AcceptedEvent>> {
  const first = new Map<string, AcceptedEvent>();
  for (const event of events) {
    const id = idOf(event.workspace, event.profileId, event.messageId);
    if (!first.has(id)) first.set(id, event);
  }
  const byDay = Map.groupBy(first.values(), ({ receivedAt }) => receivedAt.slice(0, 10));
  const written = await Promise.all(
    [...byDay].map(([day, received]) =>
      tx.query<Pick<HistoryRow, 'workspace' | 'profile_id' | 'message_id'>>(rememberDay, [
        day,
        ...row.parameters(received.map(rowOf)),
      ]),
    ),
  );
  const fresh = new Set<AcceptedEvent>();
  for (const { workspace, profile_id: profileId, message_id: messageId } of written.flat()) {
    const event = first.get(idOf(workspace, profileId, messageId));
    if (event !== undefined) fresh.add(event);
  }
  return fresh;
}

/** Works the missing counters out of what profiles did, for all of them in one query. */
export async function pastOf(tx: Tx, missing: readonly Missing[]): Promise<ReadonlyMap<string, Counters>> {
  const rules = missing.flatMap((each) => each.rules);
  if (rules.length === 0) return new Map();
  const names = new Set(rules.map(({ event }) => event));
  const filtered = new Set(rules.filter((rule) => rule.filtered).map(({ event }) => event));
  const done = await tx.query<PastRow>(
    `select k.workspace, k.profile_id, h.name, h.minute, h.properties, h.times
       from unnest($1::text[], $2::text[]) as k(workspace, profile_id)
      cross join lateral (
        select name, floor(happened_at / 60000.0)::int8 as minute,
               case when name = any($4::text[]) then event -> 'properties' end as properties, count(*) as times
          from segmentation.event_history
         where workspace = k.workspace and profile_id = k.profile_id and name = any($3::text[]) and type = any($5::text[]) and day >= $6
         group by 1, 2, 3) h`,
    [
      missing.map(({ ref }) => ref.workspace),
      missing.map(({ ref }) => ref.profileId),
      [...names],
      [...filtered],
      [...performing],
      dayOf(Math.min(...missing.map((each) => neededSince(each.rules, each.at)))),
    ],
  );
  const byProfile = Map.groupBy(done, (past) => keyOf({ workspace: past.workspace, profileId: past.profile_id }));
  return new Map(
    missing.map((each) => [
      keyOf(each.ref),
      countersOf(each.rules, (byProfile.get(keyOf(each.ref)) ?? []).map(toOccurrence), each.at),
    ]),
  );
}

interface PastRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly name: string;
  readonly minute: number;
  readonly properties: Values | null;
  readonly times: number;
}

/** An event is received after it happened, so a day's history has nothing that happened on a later one. */
const dayOf = (at: number): string => (at === -Infinity ? '-infinity' : new Date(at).toISOString().slice(0, 10));

const toOccurrence = ({ name, minute, properties, times }: PastRow): PastOccurrence => ({
  name,
  properties: properties ?? {},
  at: minute * 60_000,
  times,
});

/** With its length in front the profile's id ends where it ends. */
const idOf = (workspace: string, profileId: string, messageId: string): string =>
  `${workspace}:${profileId.length}:${profileId}${messageId}`;

interface HistoryRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly message_id: string;
  readonly type: string;
  readonly name: string;
  readonly received_at: string;
  readonly happened_at: number;
  readonly event: KeptEvent;
}

const rowOf = (event: AcceptedEvent): HistoryRow => ({
  workspace: event.workspace,
  profile_id: event.profileId,
  message_id: event.messageId,
  type: event.type,
  name: event.name,
  received_at: event.receivedAt,
  happened_at: happenedAt(event),
  event: kept(event),
});

const kept = ({
  userId,
  anonymousId,
  properties,
  traits,
  context,
  receipt,
  timestamp,
  source,
}: AcceptedEvent): KeptEvent =>
  receipt === undefined
    ? { userId, anonymousId, properties, traits, context, timestamp, source }
    : { userId, anonymousId, properties, traits, context, receipt, timestamp, source };
