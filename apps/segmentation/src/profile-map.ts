import { changeOf } from '@tidings/segment';
import { keyOf, type KnownProfile, type ProfileRef } from './known-profile.js';
import { fromRow, toRow, type ProfileRow, type WrittenRow } from './profile-row.js';

/** A membership to be written down or crossed out. */
export interface MemberRow {
  readonly workspace: string;
  readonly segment: string;
  readonly profile_id: string;
}

interface Held {
  readonly ref: ProfileRef;
  /** As it was read. */
  readonly wakeAt: number | null;
  readonly before: KnownProfile | null;
  readonly after: KnownProfile | null;
}

/** Who knows of segments that this process has not heard of yet looks again this much later. */
const AGAIN_AFTER_MS = 2_000;

/** The profiles at hand, and what becomes of them. */
export class ProfileMap {
  private readonly held = new Map<string, Held>();

  static of(rows: readonly ProfileRow[]): ProfileMap {
    const map = new ProfileMap();
    for (const row of rows) {
      const ref = { workspace: row.workspace, profileId: row.profile_id };
      const known = fromRow(row);
      map.held.set(keyOf(ref), { ref, wakeAt: row.wake_at, before: known, after: known });
    }
    return map;
  }

  /** What is known of this profile; null when nobody heard of it before. */
  of(ref: ProfileRef): KnownProfile | null {
    return this.held.get(keyOf(ref))?.after ?? null;
  }

  /** Takes over what became of a profile. */
  set(ref: ProfileRef, after: KnownProfile): void {
    const key = keyOf(ref);
    const { before = null, wakeAt = null } = this.held.get(key) ?? {};
    this.held.set(key, { ref, wakeAt, before, after });
  }

  /** The profiles that were there already. */
  loaded(): readonly { readonly ref: ProfileRef; readonly known: KnownProfile }[] {
    return [...this.held.values()].flatMap(({ ref, before }) => (before === null ? [] : [{ ref, known: before }]));
  }

  /** Rows of the profiles that changed. */
  changed(now: Date): WrittenRow[] {
    return this.changes().map((held) => toRow(held.ref, held.after, wakeOf(held, now)));
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
    return { begun, ended };
  }

  private changes(): (Held & { readonly after: KnownProfile })[] {
    return [...this.held.values()].flatMap((held) =>
      held.after === null || held.after === held.before ? [] : [{ ...held, after: held.after }],
    );
  }
}

/** Who was not looked at keeps the moment somebody asked for; who could not be looked at with the newest segments has one soon. */
function wakeOf({ before, after, wakeAt }: Held & { readonly after: KnownProfile }, now: Date): number | null {
  const { membership } = after;
  if (membership === before?.membership) return wakeAt;
  if (membership.revision !== '') return membership.dueAt;
  return Math.min(membership.dueAt ?? Infinity, now.getTime() + AGAIN_AFTER_MS);
}
