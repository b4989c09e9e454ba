import type { AcceptedEvent } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';
import { groupIdOf, otherIds, withGroupTraits } from '@tidings/profile';
import { GroupMap, groupKey, type GroupRef, type GroupRow } from './group-map.js';
import type { KnownProfile, ProfileRef } from './known-profile.js';
import type { ProfileMap } from './profile-map.js';
import type { ProfileRow } from './profile-row.js';

const row = rowSet({
  workspace: 'text', group_id: 'text', created_at: 'timestamptz', version: 'int8', traits: 'jsonb', times: 'jsonb', length: 'int4', changed_at: 'int8',
}); // prettier-ignore
const member = rowSet({ workspace: 'text', group_id: 'text', profile_id: 'text', since: 'int8' });

/**
 * Reads the groups of profiles that are locked, and locks those that these events may change, or may get members of by a
 * merge: until then nobody else changes them, and whoever changes them later finds the new members. Always after the profiles,
 * and in one order. A batch of profiles without groups asks nothing.
 */
export async function meetGroups(tx: Tx, profiles: ProfileMap, events: readonly AcceptedEvent[]): Promise<void> {
  const named = distinct(events.flatMap(namedBy));
  if (named.length > 0) await make(tx, named);
  const changing = distinct([...named.map(({ ref }) => ref), ...events.flatMap((event) => mergedBy(profiles, event))]);
  if (changing.length > 0) for (const each of await locked(tx, changing)) profiles.groups.take(each);
  const others = profiles.loaded().flatMap(({ ref, known }) => groupsOf(ref, known));
  const unread = distinct(others.filter((ref) => !profiles.groups.has(ref)));
  if (unread.length > 0) for (const each of await read(tx, unread)) profiles.groups.take(each);
  if (changing.length + unread.length > 0) profiles.meetGroups();
}

/** Profiles of a workspace with the traits of their groups, and what those groups are; changes and locks nothing. */
export async function withGroups(
  tx: Tx,
  workspace: string,
  known: readonly KnownProfile[],
): Promise<{ known: readonly KnownProfile[]; groups: GroupMap }> {
  const groups = new GroupMap();
  const refs = distinct(known.flatMap((each) => groupsOf({ workspace, profileId: each.profile.id }, each)));
  if (refs.length === 0) return { known, groups };
  for (const each of await read(tx, refs)) groups.take(each);
  const groupOf = groups.of(workspace);
  return { known: known.map((each) => ({ ...each, profile: withGroupTraits(each.profile, groupOf) })), groups };
}

/**
 * The ids of the profiles among these that were not held against the traits of a group as they are, and that somebody will yet
 * look at: the walk through the group's members is not at its end, or the clock is about to.
 */
export async function toBeTold(
  tx: Tx,
  workspace: string,
  rows: readonly ProfileRow[],
  groups: GroupMap,
): Promise<ReadonlySet<string>> {
  const groupOf = groups.of(workspace);
  const behind = rows.map((each) => ({
    row: each,
    ids: (each.groups?.of ?? []).flatMap(([id, , , version]) => (groupOf(id)?.version === version ? [] : [id])),
  }));
  const asked = behind.flatMap(({ ids }) => ids);
  if (asked.length === 0) return new Set();
  const news = await tx.query<{ group_id: string }>(
    'select group_id from segmentation.group_news where workspace = $1 and group_id = any($2::text[])',
    [workspace, asked],
  );
  const walked = new Set(news.map(({ group_id: id }) => id));
  const isAwaited = ({ wake_at: wakeAt, due_at: dueAt }: ProfileRow) => wakeAt !== null && wakeAt < (dueAt ?? Infinity);
  const told = behind.filter(({ row: each, ids }) => ids.length > 0 && (isAwaited(each) || ids.some((id) => walked.has(id))));
  return new Set(told.map(({ row: each }) => each.profile_id));
}

/** Stores what became of groups and of who belongs to them, and that there is something to tell the members. */
export async function saveGroups(tx: Tx, profiles: ProfileMap): Promise<void> {
  const { said, news } = profiles.groups.changed();
  const { begun, ended } = profiles.groupMembers();
  await Promise.all([
    said.length > 0 && tx.query(`update segmentation.profile_group g set ${assignments} from ${row.source()} ${isTheRow}`, row.parameters(said)),
    news.length > 0 && tx.query(announce, row.parameters(news)),
    ended.length > 0 &&
      tx.query(
        `delete from segmentation.group_member g using ${member.source()} ${isTheRow} and g.profile_id = r.profile_id`,
        member.parameters(ended),
      ),
    begun.length > 0 &&
      tx.query(
        `insert into segmentation.group_member (${member.names}) select ${member.names} from ${member.source()}
         on conflict (workspace, group_id, profile_id) do update set since = excluded.since`,
        member.parameters(begun),
      ),
  ]);
}

interface Named {
  readonly ref: GroupRef;
  readonly at: string;
}

const namedBy = (event: AcceptedEvent): readonly (GroupRef & Named)[] => {
  const groupId = groupIdOf(event);
  if (groupId === null) return [];
  const ref = { workspace: event.workspace, groupId };
  return [{ ...ref, ref, at: event.receivedAt }];
};

/** The groups of those who may be merged: their members become others. */
const mergedBy = (profiles: ProfileMap, event: AcceptedEvent): readonly GroupRef[] =>
  otherIds(event).flatMap((profileId) => {
    const ref: ProfileRef = { workspace: event.workspace, profileId };
    const known = profiles.of(ref);
    return known === null ? [] : groupsOf(ref, known);
  });

const groupsOf = ({ workspace }: ProfileRef, { profile }: KnownProfile): readonly GroupRef[] =>
  profile.groups.map(({ id }) => ({ workspace, groupId: id }));

/** Each once. */
function distinct<R extends GroupRef>(refs: readonly R[]): readonly R[] {
  const first = new Map<string, R>();
  for (const ref of refs) if (!first.has(groupKey(ref))) first.set(groupKey(ref), ref);
  return [...first.values()];
}

const keys = (refs: readonly GroupRef[]) => [refs.map(({ workspace }) => workspace), refs.map(({ groupId }) => groupId)];

/** A row that is not there cannot be locked: who makes it second waits, and then finds it. */
const make = (tx: Tx, named: readonly (GroupRef & Named)[]) =>
  tx.query(
    `insert into segmentation.profile_group (workspace, group_id, created_at, version, traits, times, length, changed_at)
     select workspace, group_id, created_at, 0, '{}', '{"latest": 0, "other": {}}', 2, 0
       from unnest($1::text[], $2::text[], $3::timestamptz[]) as k(workspace, group_id, created_at) order by 1, 2
     on conflict do nothing`,
    [...keys(named), named.map(({ at }) => at)],
  );

const wanted = (lock: string): string => `
  select g.*
    from (select * from unnest($1::text[], $2::text[]) as k(workspace, group_id) order by 1, 2) k
   cross join lateral (
     select ${row.names} from segmentation.profile_group g where g.workspace = k.workspace and g.group_id = k.group_id${lock}) g`;

const locked = (tx: Tx, refs: readonly GroupRef[]): Promise<GroupRow[]> => tx.query<GroupRow>(wanted(' for no key update'), keys(refs));
const read = (tx: Tx, refs: readonly GroupRef[]): Promise<GroupRow[]> => tx.query<GroupRow>(wanted(''), keys(refs));

const isTheRow = 'where g.workspace = r.workspace and g.group_id = r.group_id';
const assignments = ['version', 'traits', 'times', 'length', 'changed_at'].map((name) => `${name} = r.${name}`).join(', ');

/** A walk through the members that is under way goes to its end, and is then begun anew. */
const announce = `
  insert into segmentation.group_news (workspace, group_id, version, changed_at, walked, cursor, next_at)
  select workspace, group_id, version, changed_at, version, '', changed_at from ${row.source()} order by workspace, group_id
  on conflict (workspace, group_id) do update set version = excluded.version, changed_at = excluded.changed_at`;

