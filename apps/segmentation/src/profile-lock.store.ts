import { isAnonymousId } from '@tidings/contracts';
import type { Tx } from '@tidings/postgres';
import { otherIds } from '@tidings/profile';
import type { HeardEvent } from './heard-event.js';
import { keyOf, type ProfileRef } from './known-profile.js';
import { ProfileMap } from './profile-map.js';
import type { ProfileRow } from './profile-row.js';

/**
 * The profiles that events are of, and those that they say are the same person, locked until the end of the transaction. An
 * event may be of an id that another partition is merging at this moment, so whoever is second waits, and then finds where it
 * went. Rows are locked in one order; what was merged already is only read, and followed to its end.
 */
export async function held(tx: Tx, events: readonly HeardEvent[], columns: string): Promise<ProfileMap> {
  const places = await placesOf(tx, uncertain(events));
  await lockAbsent(tx, places);
  const map = new ProfileMap();
  for (const { workspace, profile_id: profileId, merged_into: into } of places)
    if (into !== null) map.redirect({ workspace, profileId }, into);
  let wanted = distinct(events.flatMap((event) => concerned(map, event)));
  while (wanted.length > 0) {
    const rows = await lockedInOrder<ProfileRow>(tx, wanted, columns);
    for (const row of rows) map.take(row);
    // Somebody merged it since it was looked for, or a user id that had been merged into another.
    const moved = rows.filter((row) => row.merged_into !== null);
    const roots = moved.map((row) => map.rootOf({ workspace: row.workspace, profileId: row.profile_id }));
    wanted = distinct(
      roots.filter((ref) => map.of(ref) === null && !wanted.some((each) => keyOf(each) === keyOf(ref))),
    );
  }
  return map;
}

const refsOf = (event: HeardEvent): readonly ProfileRef[] => [
  { workspace: event.workspace, profileId: event.profileId },
  ...otherIds(event).map((profileId) => ({ workspace: event.workspace, profileId })),
];

/** The profile that an event is of, and those that it may merge: what belongs to somebody already is not touched. */
const concerned = (map: ProfileMap, event: HeardEvent): readonly ProfileRef[] => [
  map.rootOf(event),
  ...refsOf(event)
    .slice(1)
    .filter((ref) => map.rootOf(ref).profileId === ref.profileId),
];

/** Ids that are likely to have been merged, or about to be: most batches have none, and pay nothing for it. */
const uncertain = (events: readonly HeardEvent[]): readonly ProfileRef[] =>
  distinct(events.flatMap((event) => refsOf(event).filter(({ profileId }, at) => at > 0 || isAnonymousId(profileId))));

const distinct = (refs: readonly ProfileRef[]): readonly ProfileRef[] => [
  ...new Map(refs.map((ref) => [keyOf(ref), ref])).values(),
];

interface Place {
  readonly workspace: string;
  readonly profile_id: string;
  readonly merged_into: string | null;
  readonly stored: boolean;
}

const keys = (refs: readonly ProfileRef[]) => [
  refs.map(({ workspace }) => workspace),
  refs.map(({ profileId }) => profileId),
];

/** Reads without a lock: what was merged stays merged. */
async function placesOf(tx: Tx, refs: readonly ProfileRef[]): Promise<readonly Place[]> {
  if (refs.length === 0) return [];
  return tx.query<Place>(
    `select k.workspace, k.profile_id, p.merged_into, p.stored is not null as stored
       from unnest($1::text[], $2::text[]) as k(workspace, profile_id)
       left join lateral (
         select merged_into, true as stored from segmentation.profile p
          where p.workspace = k.workspace and p.profile_id = k.profile_id limit 1) p on true`,
    keys(refs),
  );
}

/** A row that is not there cannot be locked, and the first visit and the sign-in of somebody may be heard at once. */
async function lockAbsent(tx: Tx, places: readonly Place[]): Promise<void> {
  const absent = places.filter(({ stored }) => !stored);
  if (absent.length === 0) return;
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('tidings.profile:' || id, 0)) from unnest($1::text[]) as k(id)`,
    [absent.map(({ workspace, profile_id: profileId }) => keyOf({ workspace, profileId })).toSorted()],
  );
}

/** Locks rows in the order in which everybody does. Row by row by its key: as a join, a table without statistics yet is read from end to end for every batch. */
export const lockedInOrder = <Row extends object>(tx: Tx, refs: readonly ProfileRef[], columns: string): Promise<Row[]> =>
  tx.query<Row>(
    `select p.*
       from (select * from unnest($1::text[], $2::text[]) as k(workspace, profile_id) order by 1, 2) k
      cross join lateral (
        select ${columns} from segmentation.profile p where p.workspace = k.workspace and p.profile_id = k.profile_id for update) p`,
    keys(refs),
  );
