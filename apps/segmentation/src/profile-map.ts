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
  /** Where it was last heard. */
  readonly partition: number;
  readonly before: KnownProfile | null;
  readonly after: KnownProfile | null;
}

interface Changed extends Held {
  readonly after: KnownProfile;
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
      map.held.set(keyOf(ref), { ref, wakeAt: row.wake_at, partition: row.partition, before: known, after: known });
    }
    return map;
  }

  /** What is known of this profile; null when nobody heard of it before. */
  of(ref: ProfileRef): KnownProfile | null {
    return this.held.get(keyOf(ref))?.after ?? null;
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

  /** Rows of the profiles that changed. */
  changed(now: Date): WrittenRow[] {
    return this.changes().map((held) => toRow(held.ref, held.after, { partition: held.partition, wakeAt: wakeOf(held, now) }));
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

  private changes(): Changed[] {
    return [...this.held.values()].filter((held): held is Changed => held.after !== null && held.after !== held.before);
  }
}

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
