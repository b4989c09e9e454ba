import type { Device, Place, Values } from '@tidings/contracts';
import type { ActiveDays, Belonging, MergedId, ProfileState, RefusedId, ToldAddress, TraitTimes } from '@tidings/profile';
import type { Counters } from '@tidings/segment';
import type { KnownProfile, ProfileRef } from './known-profile.js';

/** A row of `segmentation.profile`, as it is read. */
export interface ProfileRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly version: number;
  readonly created_at: Date;
  readonly traits: Values;
  readonly devices: readonly Device[];
  /** Subscriptions to web push and chats, null where none was ever told of. */
  readonly addresses: readonly ToldAddress[] | null;
  readonly consent: ProfileState['consent'];
  readonly timezone: string | null;
  readonly locale: string | null;
  readonly place: Place | null;
  /** The other ids of the same person, and those that were not taken. */
  readonly identity: { readonly ids: readonly MergedId[]; readonly refused: readonly RefusedId[] };
  /** The groups that the person belongs to, those that they left, and the position under which changes of them were told; null where there are none. */
  readonly groups: StoredGroups | null;
  /** The profile that this one became part of, of which then only the id is left. */
  readonly merged_into: string | null;
  readonly times: {
    readonly traits: TraitTimes;
    readonly consent: ProfileState['consentTimes'];
    readonly zone: number;
  };
  readonly segments: readonly string[];
  readonly counters: Counters;
  readonly active_days: ActiveDays;
  readonly evaluated_at: number;
  readonly due_at: number | null;
  readonly revision: string;
  readonly revised_at: number;
  readonly known_at: number;
  readonly partition: number;
  readonly wake_at: number | null;
}

/** Groups of a person as a row has them: id, since, last said, version; id, when it was left. Their traits are in rows of their own. */
export interface StoredGroups {
  readonly of: readonly (readonly [id: string, since: number, at: number, version: number])[];
  readonly left: readonly (readonly [id: string, at: number])[];
  readonly toldAt: number;
}

/** A row as it is written. */
export type WrittenRow = Omit<ProfileRow, 'created_at'> & { readonly created_at: string };

/** What a row says. */
export const fromRow = (row: ProfileRow): KnownProfile => ({
  profile: {
    id: row.profile_id,
    version: row.version,
    traits: row.traits,
    traitTimes: row.times.traits,
    devices: row.devices,
    addresses: row.addresses ?? [],
    consent: row.consent,
    consentTimes: row.times.consent,
    timezone: row.timezone,
    locale: row.locale,
    zoneAt: row.times.zone,
    place: row.place,
    createdAt: row.created_at.toISOString(),
    activeDays: row.active_days,
    ids: row.identity.ids,
    refused: row.identity.refused,
    ...groupsOf(row.groups),
  },
  membership: {
    segments: row.segments,
    counters: row.counters,
    evaluatedAt: row.evaluated_at,
    dueAt: row.due_at,
    revision: row.revision,
    revisedAt: row.revised_at,
    knownAt: row.known_at,
  },
});

/** The row that says this; `wakeAt` is when somebody must look at the profile, `partition` where it was last heard. */
export const toRow = (
  { workspace, profileId }: ProfileRef,
  { profile, membership }: KnownProfile,
  { partition, wakeAt }: { readonly partition: number; readonly wakeAt: number | null },
): WrittenRow => ({
  workspace,
  profile_id: profileId,
  version: profile.version,
  created_at: profile.createdAt,
  traits: profile.traits,
  devices: profile.devices,
  addresses: profile.addresses.length === 0 ? null : profile.addresses,
  consent: profile.consent,
  timezone: profile.timezone,
  locale: profile.locale,
  place: profile.place,
  identity: { ids: profile.ids, refused: profile.refused },
  groups: storedGroups(profile),
  merged_into: null,
  times: { traits: profile.traitTimes, consent: profile.consentTimes, zone: profile.zoneAt },
  segments: membership.segments,
  counters: membership.counters,
  active_days: profile.activeDays,
  evaluated_at: membership.evaluatedAt,
  due_at: membership.dueAt,
  revision: membership.revision,
  revised_at: membership.revisedAt,
  known_at: membership.knownAt,
  partition,
  wake_at: wakeAt,
});

/** The row of an id that became part of another profile: whose it is, and nothing else of it. */
export const forwardingRow = ({ workspace, profileId }: ProfileRef, into: string, createdAt: string): WrittenRow => ({
  workspace,
  profile_id: profileId,
  version: 0,
  created_at: createdAt,
  traits: {},
  devices: [],
  addresses: null,
  consent: {},
  timezone: null,
  locale: null,
  place: null,
  identity: { ids: [], refused: [] },
  groups: null,
  merged_into: into,
  times: { traits: { latest: 0, other: {} }, consent: {}, zone: 0 },
  segments: [],
  counters: {},
  active_days: '',
  evaluated_at: 0,
  due_at: null,
  revision: '',
  revised_at: 0,
  known_at: 0,
  partition: 0,
  wake_at: null,
});

type Grouped = Pick<ProfileState, 'groups' | 'leftGroups' | 'groupsToldAt'>;

const groupsOf = (stored: StoredGroups | null): Grouped => ({
  groups: (stored?.of ?? []).map(([id, since, at, version]): Belonging => ({ id, since, at, version, traits: {} })),
  leftGroups: (stored?.left ?? []).map(([id, at]) => ({ id, at })),
  groupsToldAt: stored?.toldAt ?? 0,
});

const storedGroups = ({ groups, leftGroups, groupsToldAt }: Grouped): StoredGroups | null =>
  groups.length + leftGroups.length === 0
    ? null
    : {
        of: groups.map(({ id, since, at, version }) => [id, since, at, version]),
        left: leftGroups.map(({ id, at }) => [id, at]),
        toldAt: groupsToldAt,
      };
