import type { Values } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';
import { happenedAt } from '@tidings/profile';
import { countersOf, neededSince, type CounterRule, type Counters, type PastOccurrence } from '@tidings/segment';
import { aside, performing } from './follow.js';
import type { HeardEvent } from './heard-event.js';
import { keyOf, type ProfileRef } from './known-profile.js';

/** What must be known of what a profile did, to count by these rules as of a moment in ms. */
export interface Asked {
  readonly ref: ProfileRef;
  /** Every id that it was sent under. */
  readonly ids: readonly string[];
  readonly rules: readonly CounterRule[];
  readonly at: number;
}

/** What is kept of an event beside the columns that say the rest of it. */
export type KeptEvent = Pick<
  HeardEvent,
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
export async function remember<E extends HeardEvent>(tx: Tx, events: readonly E[]): Promise<ReadonlySet<E>> {
  const first = new Map<string, E>();
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
  const fresh = new Set<E>();
  for (const { workspace, profile_id: profileId, message_id: messageId } of written.flat()) {
    const event = first.get(idOf(workspace, profileId, messageId));
    if (event !== undefined) fresh.add(event);
  }
  return fresh;
}

/**
 * How histories are looked for: profile by profile; or, where nearly all profiles between the first and the last are asked for, along
 * the key, in the order of which they come then. With a partition per day the first costs as many look-ups per profile as there are
 * days, the second per batch.
 */
export type Lookup = 'each' | 'along';

/** Works counters out of what profiles did, for all of them in one query. */
export async function pastOf(tx: Tx, asked: readonly Asked[], lookup: Lookup = 'each'): Promise<ReadonlyMap<string, Counters>> {
  const histories = await historiesOf(tx, asked, lookup);
  return new Map(
    asked.map((each) => [keyOf(each.ref), countersOf(each.rules, histories.get(keyOf(each.ref)) ?? [], each.at)]),
  );
}

/** What profiles did that somebody asks for, by `keyOf` a profile; in one query, or along the key in two, and then all of one workspace. */
export async function historiesOf(
  tx: Tx,
  asked: readonly Asked[],
  lookup: Lookup = 'each',
): Promise<ReadonlyMap<string, readonly PastOccurrence[]>> {
  const wanted = asked.filter(({ rules }) => rules.length > 0);
  if (wanted.length === 0) return new Map();
  // What is told under other ids lies elsewhere.
  const along = lookup === 'along' ? wanted.filter(({ ids }) => ids.length === 1) : [];
  const each = lookup === 'along' ? wanted.filter(({ ids }) => ids.length > 1) : wanted;
  const done = await Promise.all([doneAlong(tx, along), doneByEach(tx, each)]);
  const byProfile = Map.groupBy(done.flat(), (past) => keyOf({ workspace: past.workspace, profileId: past.profile_id }));
  return new Map([...byProfile].map(([key, rows]) => [key, rows.map(toOccurrence)]));
}

async function doneByEach(tx: Tx, asked: readonly Asked[]): Promise<readonly PastRow[]> {
  if (asked.length === 0) return [];
  const sought = asked.flatMap(({ ref, ids }) => ids.map((id) => ({ ref, id })));
  return tx.query<PastRow>(asksForPoints(asked) ? lookBackWithPoints : lookBack, [
    sought.map(({ ref }) => ref.workspace),
    sought.map(({ ref }) => ref.profileId),
    ...askedBy(asked),
    sought.map(({ id }) => id),
    ...pointsBy(asked),
  ]);
}

async function doneAlong(tx: Tx, asked: readonly Asked[]): Promise<readonly PastRow[]> {
  const [first, last] = [asked[0]?.ref, asked.at(-1)?.ref];
  if (first === undefined || last === undefined) return [];
  const wanted = new Set(asked.map(({ ref }) => ref.profileId));
  const statement = asksForPoints(asked) ? lookAlongWithPoints : lookAlong;
  const done = await tx.query<PastRow>(statement, [first.workspace, first.profileId, ...askedBy(asked), last.profileId, ...pointsBy(asked)]);
  // Between them are others, who are looked up by all of their ids: what they did must not come twice.
  return done.filter(({ profile_id: id }) => wanted.has(id));
}

/** Parameters 3 to 9. */
function askedBy(asked: readonly Asked[]): readonly unknown[] {
  const rules = asked.flatMap((each) => each.rules);
  return [
    namesOf(rules, 'performed'),
    namesOf(rules, 'message'),
    namesOf(rules.filter(({ looksAtProperties }) => looksAtProperties)),
    namesOf(rules.filter(({ exact }) => exact)),
    [...performing],
    dayOf(Math.min(...asked.map((each) => neededSince(each.rules, each.at)))),
    namesOf(rules, 'listed'),
  ];
}

const asksForPoints = (asked: readonly Asked[]): boolean => asked.some(({ rules }) => namesOf(rules, 'place').length > 0);

/** Parameter 11, of the statements that look for points. */
const pointsBy = (asked: readonly Asked[]): readonly unknown[] => (asksForPoints(asked) ? [[...aside]] : []);

/** What is alike within a minute is one row, unless somebody must know more of it. */
const alike = `
        o.heard, o.name,
            case when o.name = any($6::text[]) then happened_at else floor(happened_at / 60000.0)::int8 * 60000 end as at,
            case when o.heard = 'message' then event -> 'receipt' when o.name = any($5::text[]) then event -> 'properties' end as properties,
            count(*) as times
       from segmentation.event_history
      cross join lateral (
        select case type when 'receipt' then 'message' when 'listing' then 'listed' else 'performed' end as heard,
               case type when 'receipt' then event -> 'receipt' ->> 'kind' else name end as name) o
      where (type = any($7::text[]) and o.name = any($3::text[]) or type = 'receipt' and o.name = any($4::text[])
             or type = 'listing' and o.name = any($9::text[])) and day >= $8`;

/** Each point where somebody was. A statement of its own, because planning it for a partition per day takes as long as running the other. */
const points = `
        'place' as heard, 'point' as name, happened_at as at, event -> 'context' -> 'location' as properties, 1 as times
       from segmentation.event_history
      where day >= $8 and type <> all($11::text[]) and event -> 'context' -> 'location' ? 'latitude'`;

const backOver = (...lookUps: readonly string[]): string => `
  select k.workspace, k.profile_id, h.heard, h.name, h.at, h.properties, h.times
    from unnest($1::text[], $2::text[], $10::text[]) as k(workspace, profile_id, id)
   cross join lateral (${lookUps.join(' union all ')}) h`;

const alikeOfEach = `select ${alike} and workspace = k.workspace and profile_id = k.id group by 1, 2, 3, 4`;
const lookBack = backOver(alikeOfEach);
const lookBackWithPoints = backOver(alikeOfEach, `select ${points} and workspace = k.workspace and profile_id = k.id`);

const lookAlong = `select workspace, profile_id, ${alike} and workspace = $1 and profile_id between $2 and $10 group by 1, 2, 3, 4, 5, 6`;
const lookAlongWithPoints = `${lookAlong} union all
  select workspace, profile_id, ${points} and workspace = $1 and profile_id between $2 and $10`;

const namesOf = (rules: readonly CounterRule[], heard?: PastOccurrence['heard']): string[] => [
  ...new Set(
    rules.flatMap(({ sources }) =>
      sources.filter((source) => heard === undefined || source.heard === heard).map(({ name }) => name),
    ),
  ),
];

interface PastRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly heard: PastOccurrence['heard'];
  readonly name: string;
  readonly at: number;
  readonly properties: Values | null;
  readonly times: number;
}

/** An event is received after it happened, so a day's history has nothing that happened on a later one. */
const dayOf = (at: number): string => (at === -Infinity ? '-infinity' : new Date(at).toISOString().slice(0, 10));

const toOccurrence = ({ heard, name, at, properties, times }: PastRow): PastOccurrence => ({
  heard,
  name,
  properties: properties ?? {},
  at,
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

const rowOf = (event: HeardEvent): HistoryRow => ({
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
}: HeardEvent): KeptEvent =>
  receipt === undefined
    ? { userId, anonymousId, properties, traits, context, timestamp, source }
    : { userId, anonymousId, properties, traits, context, receipt, timestamp, source };
