import type { Values } from '@tidings/contracts';
import { rowSet, unlessWritten, type Tx } from '@tidings/postgres';
import { happenedAt } from '@tidings/profile';
import { countersOf, neededSince, type CounterRule, type Counters, type PastOccurrence } from '@tidings/segment';
import { aside, occurrenceOf, performing } from './follow.js';
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
  received_at: 'timestamptz', happened_at: 'int8', event: 'jsonb', counts_as: 'int4',
}); // prettier-ignore

/**
 * A scalar sub-select is looked up row by row: as a join it would read the whole of two days' history for a few events.
 * A day that is the same for all rows takes the other days' partitions out before anything is planned for them.
 */
const seenOn = (day: string): string => `
  select true from segmentation.event_history h
   where h.day = ${day} and h.workspace = r.workspace and h.profile_id = r.profile_id and h.message_id = r.message_id limit 1`;

const writeDay = `insert into segmentation.event_history (day, ${row.names}) select $1::date, ${row.names} from ${row.source(2)}`;

/** Without \`on conflict\`, which writes a row, looks whether it may, and confirms it: a sixth of the statement, for what was looked up anyway. */
const rememberDay = `${writeDay}
   where (${seenOn('$1::date')}) is null and (${seenOn('$1::date - 1')}) is null and (${seenOn('$1::date + 1')}) is null
  returning workspace, profile_id, message_id`;

/**
 * Writes events down and returns those that are new. An event that its profile has had under the same \`messageId\`, on the
 * day it was received or a day before or after, is the same event, through whichever door it came again. Of whom nothing is
 * known nothing was written down, so nothing is looked up. Rejects with \`InfrastructureError\` when somebody else writes one meanwhile.
 */
export async function remember<E extends HeardEvent>(tx: Tx, events: readonly E[], isUnknown: (event: E) => boolean): Promise<ReadonlySet<E>> {
  const first = new Map<string, E>();
  for (const event of events) {
    const id = idOf(event.workspace, event.profileId, event.messageId);
    if (!first.has(id)) first.set(id, event);
  }
  const byDay = Map.groupBy(first.values(), ({ receivedAt }) => receivedAt.slice(0, 10));
  const written = [...byDay].flatMap(([day, received]) => {
    const { no: known = [], yes: unknown = [] } = Object.groupBy(received, (event) => (isUnknown(event) ? 'yes' : 'no'));
    return [writeKnown(tx, day, known, first), writeUnknown(tx, day, unknown)];
  });
  return new Set((await unlessWritten(Promise.all(written), 'an event')).flat());
}

type Key = Pick<HistoryRow, 'workspace' | 'profile_id' | 'message_id'>;

async function writeKnown<E extends HeardEvent>(tx: Tx, day: string, events: readonly E[], byId: ReadonlyMap<string, E>): Promise<readonly E[]> {
  if (events.length === 0) return [];
  const written = await tx.query<Key>(rememberDay, [day, ...row.parameters(events.map(rowOf))]);
  return written.flatMap(({ workspace, profile_id: profileId, message_id: messageId }) => byId.get(idOf(workspace, profileId, messageId)) ?? []);
}

async function writeUnknown<E extends HeardEvent>(tx: Tx, day: string, events: readonly E[]): Promise<readonly E[]> {
  if (events.length > 0) await tx.query(writeDay, [day, ...row.parameters(events.map(rowOf))]);
  return events;
}

/**
 * How histories are looked for: profile by profile; or, where nearly all profiles between the first and the last are asked for, along
 * the key, in the order of which they come then. With a partition per day the first costs as many look-ups per profile as there are
 * days, the second per batch.
 */
export type Lookup = 'each' | 'along';

/** Works counters out of what profiles did, for all of them at once. */
export const pastOf = async (tx: Tx, asked: readonly Asked[]): Promise<ReadonlyMap<string, Counters>> =>
  pastIn(await historiesOf(tx, asked), asked);

/** The same out of histories that were read, by `keyOf` a profile. */
export const pastIn = (
  histories: ReadonlyMap<string, readonly PastOccurrence[]>,
  asked: readonly Asked[],
): ReadonlyMap<string, Counters> =>
  new Map(asked.map((each) => [keyOf(each.ref), countersOf(each.rules, histories.get(keyOf(each.ref)) ?? [], each.at)]));

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
  const whose = [sought.map(({ ref }) => ref.workspace), sought.map(({ ref }) => ref.profileId), sought.map(({ id }) => id)];
  return lookedUp(tx, lookBack, whose, asked);
}

async function doneAlong(tx: Tx, asked: readonly Asked[]): Promise<readonly PastRow[]> {
  const [first, last] = [asked[0]?.ref, asked.at(-1)?.ref];
  if (first === undefined || last === undefined) return [];
  const wanted = new Set(asked.map(({ ref }) => ref.profileId));
  const done = await lookedUp(tx, lookAlong, [first.workspace, first.profileId, last.profileId], asked);
  // Between them are others, who are looked up by all of their ids: what they did must not come twice.
  return done.filter(({ profile_id: id }) => wanted.has(id));
}

/**
 * Planning a statement for a partition per day takes longer than running it for a few profiles, so each is planned once, and by the key
 * whatever is known of a partition's size: it may have been empty then.
 */
const planOnce = `
  select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`;

/** One statement for each form in which something is asked for, sent together. */
async function lookedUp(tx: Tx, looks: Looks, whose: readonly unknown[], asked: readonly Asked[]): Promise<readonly PastRow[]> {
  const rules = asked.flatMap((each) => each.rules);
  const since = dayOf(Math.min(...asked.map((each) => neededSince(each.rules, each.at))));
  const detailed = new Set(rules.filter(({ exact, looksAtProperties }) => exact || looksAtProperties).flatMap(labelsOf));
  const alike = new Set(rules.flatMap(labelsOf).filter((label) => !detailed.has(label)));
  const [, ...done] = await Promise.all([
    tx.query(planOnce),
    detailed.size > 0 && tx.query<PastRow>(looks.each, [...whose, since, ...soughtBy(detailed)]),
    alike.size > 0 && tx.query<PastRow>(looks.alike, [...whose, since, ...soughtBy(alike)]),
    asksForPoints(rules) && tx.query<PastRow>(looks.points, [...whose, since, [...aside]]),
  ]);
  return done.flatMap((rows) => rows || []);
}

/** Parameters 5 and 6: the numbers are found by the key, and the labels say which of those that share a number are meant. */
const soughtBy = (labels: ReadonlySet<string>): readonly unknown[] => [[...labels].map(numberOf), [...labels]];

const labelsOf = ({ sources }: CounterRule): readonly string[] => sources.filter(({ heard }) => heard !== 'place').map(labelOf);

const labelOf = ({ heard, name }: Source): string => `${heard} ${name}`;

/** Four bytes of a label (FNV-1a), which are written down: they never change. */
function numberOf(label: string): number {
  let number = 0x811c9dc5 | 0;
  for (let at = 0; at < label.length; at += 1) number = Math.imul(number ^ label.charCodeAt(at), 0x01000193);
  return number;
}

const asksForPoints = (rules: readonly CounterRule[]): boolean => rules.some(({ sources }) => sources.some(({ heard }) => heard === 'place'));

/** The same statements profile by profile, and along the key. Parameters 1 to 3 say whose, and 4 since when. */
interface Looks {
  /** Each thing by itself. */
  readonly each: string;
  /** What is alike within a minute is one row, as late as the last of it. */
  readonly alike: string;
  /** Each point where somebody was. */
  readonly points: string;
}

const performs = [...performing].map((type) => `when '${type}' then 'performed'`).join(' ');
const heard = `case type when 'receipt' then 'message' when 'listing' then 'listed' ${performs} end`;
const named = `case type when 'receipt' then event -> 'receipt' ->> 'kind' else name end`;
const sought = `day >= $4 and counts_as = any($5::int4[]) and ${heard} || ' ' || ${named} = any($6::text[])`;
const each = `
       ${heard} as heard, ${named} as name, happened_at as at, case type when 'receipt' then event -> 'receipt' else event -> 'properties' end as properties, 1 as times
  from segmentation.event_history where ${sought}`;
/** Rounded down also before 1970, where a remainder is negative. */
const minute = `happened_at - (happened_at % 60000 + 60000) % 60000`;
const alike = `
       ${heard} as heard, ${named} as name, max(happened_at) as at, null::jsonb as properties, count(*) as times
  from segmentation.event_history where ${sought}`;
const points = `
       'place' as heard, 'point' as name, happened_at as at, event -> 'context' -> 'location' as properties, 1 as times
  from segmentation.event_history
 where day >= $4 and type <> all($5::text[]) and event -> 'context' -> 'location' ? 'latitude'`;

const ofEach = 'and workspace = k.workspace and profile_id = k.id';
const backOver = (lookUp: string): string => `
  select k.workspace, k.profile_id, h.heard, h.name, h.at, h.properties, h.times
    from unnest($1::text[], $2::text[], $3::text[]) as k(workspace, profile_id, id)
   cross join lateral (${lookUp}) h`;
const lookBack: Looks = {
  each: backOver(`select ${each} ${ofEach}`),
  alike: backOver(`select ${alike} ${ofEach} group by 1, 2, ${minute}`),
  points: backOver(`select ${points} ${ofEach}`),
};

const ofStretch = 'and workspace = $1 and profile_id between $2 and $3';
const lookAlong: Looks = {
  each: `select workspace, profile_id, ${each} ${ofStretch}`,
  alike: `select workspace, profile_id, ${alike} ${ofStretch} group by 1, 2, 3, 4, ${minute}`,
  points: `select workspace, profile_id, ${points} ${ofStretch}`,
};

type Source = Pick<PastOccurrence, 'heard' | 'name'>;

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
  readonly counts_as: number;
}

function rowOf(event: HeardEvent): HistoryRow {
  const occurrence = occurrenceOf(event);
  return {
    workspace: event.workspace,
    profile_id: event.profileId,
    message_id: event.messageId,
    type: event.type,
    name: event.name,
    received_at: event.receivedAt,
    happened_at: occurrence?.at ?? happenedAt(event),
    event: kept(event),
    counts_as: countsAs(occurrence),
  };
}

/** Nobody looks for what counts as nothing. */
const countsAs = (occurrence: Source | null): number => (occurrence === null ? 0 : numberOf(labelOf(occurrence)));

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
