import { ORDER, PLANS, CITIES, viewOf } from './definitions.js';

/** A way to work a segment out with one statement, and how many of the segments are of its kind. */
export interface Recomputed {
  readonly id: string;
  /** Who is in it. */
  readonly sql: string;
  readonly segments: number;
}

const ids = (where: string): string => `select profile_id from segmentation.profile where workspace = 'demo' and merged_into is null and ${where}`;
const done = (name: string, more: string, having: string): string =>
  `select profile_id from segmentation.event_history where workspace = 'demo' and type = 'track' and name = '${name}'${more} group by profile_id having ${having}`;
const DAY = 86_400_000;
const now = '(extract(epoch from now()) * 1000)::int8';
const last = (days: number): string => ` and day >= current_date - ${days} and happened_at >= ${now} - ${days}::int8 * ${DAY}`;
const total = `sum((event -> 'properties' ->> 'total')::numeric)`;
const city = (v: number): string => `traits ->> 'city' = 'city-${v % CITIES}'`;

const still: readonly ((v: number) => string)[] = [
  (v) => ids(city(v)),
  (v) => ids(`(traits ->> 'age')::int between ${18 + (v % 60)} and ${19 + (v % 60)}`),
  (v) => ids(`traits ->> 'plan' in ('premium', 'team') and traits ->> 'city' like '%-${v % CITIES}'`),
  (v) => done(viewOf(v), '', `count(*) >= ${3 + Math.floor(v / 20)}`),
  (v) => done(viewOf(v), ` and event -> 'properties' ->> 'category' = 'category-${v % 10}'`, 'count(*) >= 2'),
  (v) => done(ORDER, '', `${total} between ${100 + 40 * v} and ${140 + 40 * v}`),
  (v) => `${ids(city(v))} except ${done(viewOf(v), '', 'true')}`,
  (v) => `${ids(city(v - (v % 8)))} intersect ${done(ORDER, '', 'true')}`,
];

const passing: readonly ((v: number) => string)[] = [
  (v) => done(viewOf(v), last(1), `max(happened_at) >= ${now} - ${(15 + v) * 1000}`),
  (v) => done(viewOf(v), last(30), 'count(*) >= 2'),
  (v) => done(ORDER, last(60), `${total} >= ${300 + 50 * v}`),
  (v) => `${ids(`traits ->> 'plan' = '${PLANS[v % 4]}' and ${city(v)}`)} except ${done(viewOf(v), last(14), 'true')}`,
  (v) => `select distinct o.profile_id from segmentation.event_history o join segmentation.event_history a
      on a.workspace = o.workspace and a.profile_id = o.profile_id and a.type = 'track' and a.name = '${viewOf(v)}' and a.day >= current_date - 28
     and a.happened_at < o.happened_at and a.happened_at >= o.happened_at - 7 * ${DAY}::int8
   where o.workspace = 'demo' and o.type = 'track' and o.name = '${ORDER}' and o.day >= current_date - 20 and o.happened_at >= ${now} - 20 * ${DAY}::int8`,
];

/** Of sequences the first is a window instead. */
const variantOf = (kind: number): number => (kind === 4 ? 9 : kind);

/** A statement for each kind of segment, the first of its kind that is like the others. */
export const recomputedOf = (segments: number): readonly Recomputed[] => {
  const [stills, passings] = [segments - Math.floor(segments / 5), Math.floor(segments / 5)];
  const countOf = (all: number, kinds: number, kind: number): number => Math.floor((all - kind + kinds - 1) / kinds);
  return [
    ...still.map((sql, kind) => ({ id: `still-${kind}`, sql: sql(kind), segments: countOf(stills, still.length, kind) })),
    ...passing.map((sql, kind) => ({ id: `passing-${variantOf(kind)}`, sql: sql(variantOf(kind)), segments: countOf(passings, passing.length, kind) })),
  ].filter((each) => each.segments > 0);
};

/** Who is in it and is not kept to be, and the other way round: what somebody who works segments out anew has to find, or nobody would enter or leave. */
export const changesOf = ({ id, sql }: Recomputed): string => `
  select count(s.profile_id)::int as members, count(*) filter (where m.profile_id is null)::int as entered, count(*) filter (where s.profile_id is null)::int as left
    from (${sql}) s full join (select profile_id from segmentation.segment_member where workspace = 'demo' and segment = '${id}') m using (profile_id)`;
