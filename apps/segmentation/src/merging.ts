import type { AcceptedEvent } from '@tidings/contracts';
import { hasRoomFor, otherIds, type MergedId, type RefusalReason, type RefusedId } from '@tidings/profile';
import type { KnownProfile, ProfileRef } from './known-profile.js';
import type { ProfileMap } from './profile-map.js';

/** A profile that is about to become part of another. */
export interface Found {
  readonly ref: ProfileRef;
  readonly known: KnownProfile;
  readonly by: MergedId;
}

/** What an event says about who is who. */
export interface Merging {
  /** Profiles to be merged. */
  readonly found: readonly Found[];
  /** Ids that nobody was known under yet: what comes under them will be this profile's. */
  readonly unheard: readonly MergedId[];
  readonly refused: readonly RefusedId[];
}

const nothing: Merging = { found: [], unheard: [], refused: [] };

/**
 * What an event merges into its profile. An id that belongs to somebody stays theirs, so that a device that two people use
 * does not make one of them; an id that is there already merges nothing, so that no circle can form.
 */
export function mergingOf(profiles: ProfileMap, into: ProfileRef, event: AcceptedEvent): Merging {
  const others = otherIds(event);
  if (others.length === 0) return nothing;
  const merging = { found: [] as Found[], unheard: [] as MergedId[], refused: [] as RefusedId[] };
  let count = profiles.of(into)?.profile.ids.length ?? 0;
  for (const id of others) {
    const ref = { workspace: into.workspace, profileId: id };
    const known = profiles.of(ref);
    const more = 1 + (known?.profile.ids.length ?? 0);
    const verdict = verdictOf(profiles, into, ref, hasRoomFor(count, more));
    const by: MergedId = { id, at: event.receivedAt, by: event.messageId };
    if (verdict === 'theirs') continue;
    if (verdict !== 'merge') merging.refused.push({ ...by, reason: verdict });
    else {
      count += more;
      if (known === null) merging.unheard.push(by);
      else merging.found.push({ ref, known, by });
    }
  }
  return merging;
}

function verdictOf(
  profiles: ProfileMap,
  into: ProfileRef,
  ref: ProfileRef,
  hasRoom: boolean,
): 'theirs' | 'merge' | RefusalReason {
  const { profileId } = profiles.rootOf(ref);
  // What was read without a lock may be older than what the profile itself says.
  const isTheirs = profiles.of(into)?.profile.ids.some(({ id }) => id === ref.profileId) ?? false;
  if (isTheirs || profileId === into.profileId) return 'theirs';
  if (profileId !== ref.profileId) return 'taken';
  return hasRoom ? 'merge' : 'full';
}
