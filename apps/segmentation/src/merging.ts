import type { AcceptedEvent } from '@tidings/contracts';
import { hasRoomFor, otherIds, type MergedId, type RefusalReason, type RefusedId } from '@tidings/profile';
import { keyOf, type KnownProfile, type ProfileRef } from './known-profile.js';
import type { MergeIntent } from './merge-intents.js';
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
 * What these events may merge, before the first of them is followed: of each id that is nobody's yet the first who says that it is theirs
 * as well. Whatever `mergingOf` merges is among it.
 */
export function intentsOf(profiles: ProfileMap, events: readonly AcceptedEvent[]): readonly MergeIntent[] {
  const intents = new Map<string, MergeIntent>();
  for (const event of events) {
    const { workspace, profileId } = event;
    for (const id of otherIds(event)) {
      const key = keyOf({ workspace, profileId: id });
      const isOpposite = intents.get(keyOf(event))?.into === id;
      if (!intents.has(key) && !isOpposite && placeOf(profiles, profiles.rootOf(event), { workspace, profileId: id }) === 'nobodys')
        intents.set(key, { workspace, profile_id: id, into: profileId });
    }
  }
  return [...intents.values()];
}

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
    const verdict = verdictOf(profiles, into, { ref, sentUnder: event.profileId, hasRoom: hasRoomFor(count, more) });
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

interface Wanted {
  readonly ref: ProfileRef;
  readonly sentUnder: string;
  readonly hasRoom: boolean;
}

function verdictOf(
  profiles: ProfileMap,
  into: ProfileRef,
  { ref, sentUnder, hasRoom }: Wanted,
): 'theirs' | 'merge' | RefusalReason {
  const place = placeOf(profiles, into, ref);
  if (place !== 'nobodys') return place;
  const asker = profiles.intents.answerFor(ref);
  // When nobody may have it, the two become one the other way round, by an event that was first.
  if (asker === null) return 'theirs';
  if (asker !== sentUnder) return 'taken';
  return hasRoom ? 'merge' : 'full';
}

/** Whose an id is, as far as a profile is concerned that is said to be the same person. */
function placeOf(profiles: ProfileMap, into: ProfileRef, ref: ProfileRef): 'theirs' | 'taken' | 'nobodys' {
  const { profileId } = profiles.rootOf(ref);
  // What was read without a lock may be older than what the profile itself says.
  const isTheirs = profiles.of(into)?.profile.ids.some(({ id }) => id === ref.profileId) ?? false;
  if (isTheirs || profileId === into.profileId) return 'theirs';
  return profileId === ref.profileId ? 'nobodys' : 'taken';
}
