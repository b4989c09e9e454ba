import type { Values } from '@tidings/contracts';
import type { Tx } from '@tidings/postgres';
import { daysIn, type ActiveDays } from '@tidings/profile';
import { countersOf, neededSince, type CounterRule, type Counters, type PastOccurrence } from '@tidings/segment';
import { isSaidAside, labelOf, numberOf, type Source } from './counts-as.js';
import { aside, performing } from './follow.js';
import { keyOf, type ProfileRef } from './known-profile.js';

/** What must be known of what a profile did, to count by these rules as of a moment in ms. */
export interface Asked {
  readonly ref: ProfileRef;
  /** Every id that it was sent under. */
  readonly ids: readonly string[];
  /** On which days they did anything; null where every day is to be looked at, whatever is noted. */
  readonly activeDays: ActiveDays | null;
  readonly rules: readonly CounterRule[];
  readonly at: number;
}

/**
 * How histories are looked for: profile by profile, on the days on which they did anything; or, where nearly all profiles between the first and
 * the last are asked for, along the key, in the order of which they come then. With a partition per day the first costs as many look-ups per
 * profile as it has such days, the second as many per batch as there are days.
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

/** What profiles did that somebody asks for, by `keyOf` a profile. Looked for along the key, all must be of one workspace, in the order of their ids. */
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
  const wanted = wantedOf(asked);
  // Days are noted of what people do themselves.
  const { yes: others = [], no: noted = [] } = Object.groupBy(wanted.labels, (label) => (isSaidAside(label) ? 'yes' : 'no'));
  const { yes: onSome = [], no: onAll = [] } = Object.groupBy(asked, ({ activeDays }) => (activeDays === null ? 'no' : 'yes'));
  const done = [
    lookedUp(tx, onDays, daysOf(onSome, wanted.since), { ...wanted, labels: noted }),
    lookedUp(tx, lookBack, idsIn(onSome, wanted.since), { ...wanted, labels: others, points: false }),
    lookedUp(tx, lookBack, idsIn(onAll, wanted.since), wanted),
  ];
  return (await Promise.all(done)).flat();
}

/** Whose and on which days: a row for each. */
function daysOf(asked: readonly Asked[], since: string): Whose {
  const sought = asked.flatMap(({ ref, ids, activeDays, rules, at }) => {
    const first = neededSince(rules, at);
    const days = daysIn(activeDays ?? '').filter((day) => (day + 1) * DAY_MS > first);
    return ids.flatMap((id) => days.map((day) => ({ ref, id, day: dayOf(day * DAY_MS) })));
  });
  return { rows: sought.length, parameters: [...whoseIds(sought), since], days: sought.map(({ day }) => day) };
}

/** Whose, since a day: a row for each id. */
function idsIn(asked: readonly Asked[], since: string): Whose {
  const sought = asked.flatMap(({ ref, ids }) => ids.map((id) => ({ ref, id })));
  return { rows: sought.length, parameters: [...whoseIds(sought), since] };
}

const whoseIds = (sought: readonly { readonly ref: ProfileRef; readonly id: string }[]): readonly (readonly string[])[] => [
  sought.map(({ ref }) => ref.workspace),
  sought.map(({ ref }) => ref.profileId),
  sought.map(({ id }) => id),
];

async function doneAlong(tx: Tx, asked: readonly Asked[]): Promise<readonly PastRow[]> {
  const [first, last] = [asked[0]?.ref, asked.at(-1)?.ref];
  if (first === undefined || last === undefined) return [];
  const among = new Set(asked.map(({ ref }) => ref.profileId));
  const wanted = wantedOf(asked);
  const done = await lookedUp(tx, lookAlong, { rows: 1, parameters: [first.workspace, first.profileId, last.profileId, wanted.since] }, wanted);
  // Between them are others, who are looked up by all of their ids: what they did must not come twice.
  return done.filter(({ profile_id: id }) => among.has(id));
}

/**
 * Planning a statement for a partition per day takes longer than running it for a few profiles, so each is planned once, and by the key
 * whatever is known of a partition's size: it may have been empty then.
 */
const planOnce = `
  select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
         set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`;

/** What is asked of histories: the labels, of which `detailed` one by one, points, and since when. */
interface Wanted {
  readonly labels: readonly Label[];
  readonly detailed: ReadonlySet<string>;
  readonly points: boolean;
  readonly since: string;
}

function wantedOf(asked: readonly Asked[]): Wanted {
  const rules = asked.flatMap((each) => each.rules);
  const labels = new Map(rules.flatMap(labelsOf).map((label) => [label.text, label]));
  return {
    labels: [...labels.values()],
    detailed: new Set(rules.filter(({ exact, looksAtProperties }) => exact || looksAtProperties).flatMap((rule) => labelsOf(rule).map(({ text }) => text))),
    points: asksForPoints(rules),
    since: dayOf(Math.min(...asked.map((each) => neededSince(each.rules, each.at)))),
  };
}

/** Parameters 1 to 4, for how many rows of somebody they ask, and on which day each, which is the last parameter. */
interface Whose {
  readonly rows: number;
  readonly parameters: readonly unknown[];
  readonly days?: readonly string[];
}

/** One statement for each form in which something is asked for, sent together. */
async function lookedUp(tx: Tx, looks: Looks, { rows, parameters: whose, days }: Whose, { labels, detailed, points }: Wanted): Promise<readonly PastRow[]> {
  if (rows === 0 || (labels.length === 0 && !points)) return [];
  const last = days === undefined ? [] : [days];
  const { yes: each = [], no: alike = [] } = Object.groupBy(labels, ({ text }) => (detailed.has(text) ? 'yes' : 'no'));
  const [, ...done] = await Promise.all([
    tx.query(planOnce),
    each.length > 0 && tx.query<PastRow>(looks.each, [...whose, ...soughtBy(each), ...last]),
    alike.length > 0 && tx.query<PastRow>(looks.alike, [...whose, ...soughtBy(alike), ...last]),
    points && tx.query<PastRow>(looks.points, [...whose, [...aside], ...last]),
  ]);
  return done.flatMap((found) => found || []);
}

/** Parameters 5 and 6: the numbers are found by the key, and the labels say which of those that share a number are meant. */
const soughtBy = (labels: readonly Label[]): readonly unknown[] => [labels.map(({ text }) => numberOf(text)), labels.map(({ text }) => text)];

/** What something counts as, in words. */
interface Label {
  readonly heard: Source['heard'];
  readonly text: string;
}

const labelsOf = ({ sources }: CounterRule): readonly Label[] =>
  sources.filter(({ heard }) => heard !== 'place').map((source) => ({ heard: source.heard, text: labelOf(source) }));

const asksForPoints = (rules: readonly CounterRule[]): boolean => rules.some(({ sources }) => sources.some(({ heard }) => heard === 'place'));

/** Three statements; there are some along the key, by id, and by id and day. Parameters 1 to 3 say whose, and 4 since when. */
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
const each = `${heard} as heard, ${named} as name, happened_at as at, case type when 'receipt' then event -> 'receipt' else event -> 'properties' end as properties, 1 as times`;
const alike = `${heard} as heard, ${named} as name, max(happened_at) as at, null::jsonb as properties, count(*) as times`;
const points = `'place' as heard, 'point' as name, happened_at as at, event -> 'context' -> 'location' as properties, 1 as times`;
/** Rounded down also before 1970, where a remainder is negative. */
const minute = `happened_at - (happened_at % 60000 + 60000) % 60000`;

const looksAt = (from: string, where: string): string => `from segmentation.event_history where ${where} and ${from}`;
const soughtOf = `counts_as = any($5::int4[]) and ${heard} || ' ' || ${named} = any($6::text[])`;
const isPoint = `type <> all($5::text[]) and event -> 'context' -> 'location' ? 'latitude'`;

const perId = (day: boolean): Looks => {
  const whose = `day >= $4 and workspace = k.workspace and profile_id = k.id${day ? ' and day = k.day' : ''}`;
  const over = (lookUp: string, last: number): string => `
  select k.workspace, k.profile_id, h.heard, h.name, h.at, h.properties, h.times
    from unnest($1::text[], $2::text[], $3::text[]${day ? `, $${last}::date[]` : ''}) as k(workspace, profile_id, id${day ? ', day' : ''}) cross join lateral (${lookUp}) h`;
  return {
    each: over(`select ${each} ${looksAt(soughtOf, whose)}`, 7),
    alike: over(`select ${alike} ${looksAt(soughtOf, whose)} group by 1, 2, ${minute}`, 7),
    points: over(`select ${points} ${looksAt(isPoint, whose)}`, 6),
  };
};

const lookBack = perId(false);
/** One partition is looked into for each row; those before the first day are not even opened. */
const onDays = perId(true);

const ofStretch = 'day >= $4 and workspace = $1 and profile_id between $2 and $3';
const lookAlong: Looks = {
  each: `select workspace, profile_id, ${each} ${looksAt(soughtOf, ofStretch)}`,
  alike: `select workspace, profile_id, ${alike} ${looksAt(soughtOf, ofStretch)} group by 1, 2, 3, 4, ${minute}`,
  points: `select workspace, profile_id, ${points} ${looksAt(isPoint, ofStretch)}`,
};

interface PastRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly heard: PastOccurrence['heard'];
  readonly name: string;
  readonly at: number;
  readonly properties: Values | null;
  readonly times: number;
}

const DAY_MS = 86_400_000;

/** An event is received after it happened, so a day's history has nothing that happened on a later one. */
const dayOf = (at: number): string => (at === -Infinity ? '-infinity' : new Date(at).toISOString().slice(0, 10));

const toOccurrence = ({ heard, name, at, properties, times }: PastRow): PastOccurrence => ({
  heard,
  name,
  properties: properties ?? {},
  at,
  times,
});
