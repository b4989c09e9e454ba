import { newProfile, withGroupTraits, type Belonging, type ProfileState } from '@tidings/profile';
import { changeOf } from '@tidings/segment';
import { addressNames, isReachedAlike } from './address-name.js';
import { GroupMap } from './group-map.js';
import { keyOf, type KnownProfile, type ProfileRef } from './known-profile.js';
import { MergeIntents } from './merge-intents.js';
import { forwardingRow, fromRow, toRow, type ProfileRow, type WrittenRow } from './profile-row.js';

/** A membership to be written down or crossed out. */
export interface MemberRow {
  readonly workspace: string;
  readonly segment: string;
  readonly profile_id: string;
}

/** That somebody belongs to a group. */
export interface GroupMemberRow {
  readonly workspace: string;
  readonly group_id: string;
  readonly profile_id: string;
  readonly since: number;
}

/** That a profile is found by an address. */
export interface AddressRow {
  readonly workspace: string;
  readonly address: string;
  readonly profile_id: string;
}

interface Held {
  readonly ref: ProfileRef;
  /** As it was read. */
  readonly wakeAt: number | null;
  /** Where it was last heard. */
  readonly partition: number;
  readonly before: KnownProfile | null;
  readonly after: KnownProfile | null;
}

interface Changed extends Held {
  readonly after: KnownProfile;
}

/** How much of a row is another. */
type Extent = 'known' | 'told' | 'answered';

/** Who knows of segments that this process has not heard of yet looks again this much later. */
const AGAIN_AFTER_MS = 2_000;

/** An id that became part of a profile in this transaction. */
interface Dissolved {
  readonly ref: ProfileRef;
  readonly before: KnownProfile | null;
  readonly into: string;
  readonly createdAt: string;
}

/** An id that points somewhere else since. */
export interface Redirected {
  readonly workspace: string;
  readonly profile_id: string;
  readonly into: string;
}

/** The profiles at hand, and what becomes of them. */
export class ProfileMap {
  /** The groups that these profiles belong to, and those that are heard of. */
  readonly groups = new GroupMap();
  /** What may be merged. */
  intents = new MergeIntents();
  private readonly held = new Map<string, Held>();
  private readonly dissolved = new Map<string, Dissolved>();
  /** What ids became part of. */
  private readonly ways = new Map<string, string>();

  static of(rows: readonly ProfileRow[]): ProfileMap {
    const map = new ProfileMap();
    for (const row of rows) map.take(row);
    return map;
  }

  /** Takes in a row as it was read. */
  take(row: ProfileRow): void {
    const ref = { workspace: row.workspace, profileId: row.profile_id };
    if (row.merged_into !== null) return this.redirect(ref, row.merged_into);
    const known = fromRow(row);
    this.held.set(keyOf(ref), { ref, wakeAt: row.wake_at, partition: row.partition, before: known, after: known });
  }

  /** Has the profiles know the traits of their groups, once those were read. */
  meetGroups(): void {
    for (const [key, held] of this.held) {
      if (held.before === null || held.before.profile.groups.length === 0) continue;
      const profile = withGroupTraits(held.before.profile, this.groups.of(held.ref.workspace));
      const known = { ...held.before, profile };
      this.held.set(key, { ...held, before: known, after: known });
    }
  }

  /** Notes what an id became part of. */
  redirect(ref: ProfileRef, into: string): void {
    this.ways.set(keyOf(ref), into);
  }

  /** Whose an id is by now: its own, or that of the profile it became part of. */
  rootOf({ workspace, profileId }: ProfileRef): ProfileRef {
    const into = this.ways.get(keyOf({ workspace, profileId }));
    return into === undefined ? { workspace, profileId } : this.rootOf({ workspace, profileId: into });
  }

  /** Makes an id part of a profile; nothing is left of what was known under it. */
  dissolve(ref: ProfileRef, into: string, at: string): void {
    const key = keyOf(ref);
    const before = this.held.get(key)?.before ?? null;
    this.held.delete(key);
    this.dissolved.set(key, { ref, before, into, createdAt: before?.profile.createdAt ?? at });
    this.redirect(ref, into);
  }

  /** What is known of this profile; null when nobody heard of it before. */
  of(ref: ProfileRef): KnownProfile | null {
    return this.held.get(keyOf(ref))?.after ?? null;
  }

  /** Whether there is no row of this id itself: it is nobody's, and was no other's. */
  isUnknown({ workspace, profileId }: ProfileRef): boolean {
    const key = keyOf({ workspace, profileId });
    return !this.held.has(key) && !this.ways.has(key);
  }

  /** Takes over what became of a profile, and which partition it was heard on; without one it stays where it was. */
  set(ref: ProfileRef, after: KnownProfile, heardOn?: number): void {
    const key = keyOf(ref);
    const { before = null, wakeAt = null, partition = 0 } = this.held.get(key) ?? {};
    this.held.set(key, { ref, wakeAt, partition: heardOn ?? partition, before, after });
  }

  /** The profiles that were there already. */
  loaded(): readonly { readonly ref: ProfileRef; readonly known: KnownProfile }[] {
    return [...this.held.values()].flatMap(({ ref, before }) => (before === null ? [] : [{ ref, known: before }]));
  }

  /**
   * Rows of the profiles that changed, by how much of them is another: anything; nothing but traits, membership and version; or nothing
   * but those two; and those that nobody heard of before.
   */
  changed(now: Date): Readonly<Record<Extent | 'fresh', readonly WrittenRow[]>> {
    const rows: Record<Extent | 'fresh', WrittenRow[]> = { known: [], told: [], answered: [], fresh: [] };
    for (const held of this.changes()) {
      const row = toRow(held.ref, held.after, { partition: held.partition, wakeAt: wakeOf(held, now) });
      rows[held.before === null ? 'fresh' : extentOf(held.before.profile, held.after.profile)].push(row);
    }
    for (const { ref, before, into, createdAt } of this.dissolved.values())
      rows[before === null ? 'fresh' : 'known'].push(
        forwardingRow(ref, this.rootOf({ ...ref, profileId: into }).profileId, createdAt),
      );
    return rows;
  }

  /** Ids that had become part of what is now part of another, each with the end of its way. */
  redirected(): Redirected[] {
    return [...this.dissolved.values()].flatMap(({ ref: { workspace }, before, into }) =>
      (before?.profile.ids ?? []).map(({ id }) => ({
        workspace,
        profile_id: id,
        into: this.rootOf({ workspace, profileId: into }).profileId,
      })),
    );
  }

  /** Memberships that began and that ended. */
  members(): { readonly begun: MemberRow[]; readonly ended: MemberRow[] } {
    const begun: MemberRow[] = [];
    const ended: MemberRow[] = [];
    for (const { ref, before, after } of this.changes()) {
      const { entered, left } = changeOf(before?.membership.segments ?? [], after.membership.segments);
      const row = (segment: string): MemberRow => ({ workspace: ref.workspace, segment, profile_id: ref.profileId });
      begun.push(...entered.map(row));
      ended.push(...left.map(row));
    }
    for (const { ref, before } of this.dissolved.values()) {
      for (const segment of before?.membership.segments ?? [])
        ended.push({ workspace: ref.workspace, segment, profile_id: ref.profileId });
    }
    return { begun, ended };
  }

  /** Belongings to groups that began or of which more is known, and those that ended. */
  groupMembers(): { readonly begun: GroupMemberRow[]; readonly ended: GroupMemberRow[] } {
    const begun: GroupMemberRow[] = [];
    const ended: GroupMemberRow[] = [];
    for (const { ref, before, after } of this.changes()) {
      const [was, is] = [before?.profile.groups ?? [], after.profile.groups];
      if (was === is) continue;
      begun.push(...is.filter(isNotIn(was, (a, b) => a.since === b.since)).map(memberRow(ref)));
      ended.push(...was.filter(isNotIn(is, () => true)).map(memberRow(ref)));
    }
    for (const { ref, before } of this.dissolved.values()) {
      ended.push(...(before?.profile.groups ?? []).map(memberRow(ref)));
    }
    return { begun, ended };
  }

  /** Profiles whose addresses are no longer those that are stored, and the addresses of those that are to be. */
  addresses(): { readonly outdated: readonly Omit<AddressRow, 'address'>[]; readonly rows: readonly AddressRow[] } {
    const outdated = [...this.dissolved.values()].flatMap(({ ref, before }) => (before === null ? [] : [personRow(ref)]));
    const rows: AddressRow[] = [];
    for (const { ref, before, after } of this.changes()) {
      if (before !== null && isReachedAlike(before.profile, after.profile)) continue;
      const [was, is] = [before === null ? none : addressNames(before.profile), addressNames(after.profile)];
      if (was.size === is.size && [...is].every((address) => was.has(address))) continue;
      if (was.size > 0) outdated.push(personRow(ref));
      rows.push(...[...is].map((address) => ({ ...personRow(ref), address })));
    }
    return { outdated, rows };
  }

  private changes(): Changed[] {
    return [...this.held.values()].filter((held): held is Changed => held.after !== null && held.after !== held.before);
  }
}

/** All that a row says of a profile beside its version and the days on which they were active, which are written in any case; in it what is the same object is the same. */
const holdings = Object.keys(newProfile('', '')).filter((name): name is keyof ProfileState => name !== 'version' && name !== 'activeDays');

/** Whether a group is not in a list in the same way. */
const isNotIn =
  (list: readonly Belonging[], isSame: (a: Belonging, b: Belonging) => boolean) =>
  (each: Belonging): boolean =>
    !list.some((other) => other.id === each.id && isSame(other, each));

const none: ReadonlySet<string> = new Set();

const personRow = ({ workspace, profileId }: ProfileRef): Omit<AddressRow, 'address'> => ({ workspace, profile_id: profileId });

/** A profile holds what it held, and nothing else, unless something of it was told or became another's; traits are told most. */
function extentOf(was: ProfileState, is: ProfileState): Extent {
  if (was === is) return 'answered';
  const others = holdings.filter((name) => is[name] !== was[name]);
  if (others.length === 0) return 'answered';
  return others.every((name) => name === 'traits' || name === 'traitTimes') ? 'told' : 'known';
}

const memberRow =
  ({ workspace, profileId }: ProfileRef) =>
  ({ id, since }: Belonging): GroupMemberRow => ({ workspace, group_id: id, profile_id: profileId, since });

/**
 * Who was not looked at keeps the moment somebody asked for; who could not be looked at with the newest segments has one soon.
 * A moment that only moves later stays where it is: most events move one, each move would change the index, and whoever is
 * woken early is put to sleep again.
 */
function wakeOf({ before, after, wakeAt }: Changed, now: Date): number | null {
  const { membership } = after;
  if (membership === before?.membership) return wakeAt;
  const { dueAt } = membership;
  if (membership.revision === '') return Math.min(dueAt ?? Infinity, now.getTime() + AGAIN_AFTER_MS);
  const isEarly = wakeAt !== null && dueAt !== null && now.getTime() < wakeAt && wakeAt < dueAt;
  return isEarly ? wakeAt : dueAt;
}
