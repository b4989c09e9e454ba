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

const row = rowSet({
  day: 'date', workspace: 'text', profile_id: 'text', message_id: 'text', type: 'text', name: 'text',
  received_at: 'timestamptz', happened_at: 'int8', event: 'jsonb',
}); // prettier-ignore

/**
 * A scalar sub-select is looked up row by row: as a join it would read the whole of two days' history for a few events.
 * Of the partitions only those between $2 and $3 are planned for.
 */
const seenOn = (day: string): string => `
  select true from segmentation.event_history h
   where h.day = ${day} and h.workspace = r.workspace and h.profile_id = r.profile_id and h.message_id = r.message_id
     and h.day between $2::date - 1 and $3::date + 1 limit 1`;

/**
 * Writes events down and returns those that are new. An event that its profile has had under the same `messageId`, on the
 * day it was received or a day before or after, is the same event, through whichever door it came again.
 */
export async function remember(tx: Tx, events: readonly AcceptedEvent[]): Promise<ReadonlySet<AcceptedEvent>> {
  const first = new Map<string, AcceptedEvent>();
  for (const event of events) if (!first.has(idOf(event))) first.set(idOf(event), event);
  const rows = [...first.values()].map(rowOf);
  const days = rows.map(({ day }) => day).toSorted();
  const written = await tx.query<{ workspace: string; profile_id: string; message_id: string }>(
    `insert into segmentation.event_history (${row.names})
     select ${row.names} from ${row.source()}
      where (${seenOn('r.day - 1')}) is null and (${seenOn('r.day + 1')}) is null
     on conflict do nothing
     returning workspace, profile_id, message_id`,
    [...row.parameters(rows), days[0], days.at(-1)],
  );
  const fresh = written.map((each) =>
    first.get(idOf({ workspace: each.workspace, profileId: each.profile_id, messageId: each.message_id })),
  );
  return new Set(fresh.filter((event) => event !== undefined));
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

const idOf = ({
  workspace,
  profileId,
  messageId,
}: Pick<AcceptedEvent, 'workspace' | 'profileId' | 'messageId'>): string =>
  JSON.stringify([workspace, profileId, messageId]);

const rowOf = (event: AcceptedEvent) => ({
  day: event.receivedAt.slice(0, 10),
  workspace: event.workspace,
  profile_id: event.profileId,
  message_id: event.messageId,
  type: event.type,
  name: event.name,
  received_at: event.receivedAt,
  happened_at: happenedAt(event),
  event,
});
