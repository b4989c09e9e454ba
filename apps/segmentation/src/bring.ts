import type { AcceptedEvent, Channel } from '@tidings/contracts';
import {
  heldAgainst,
  mergeProfiles,
  newProfile,
  withRefusal,
  type Limited,
  type MergedId,
  type ProfileState,
  type RefusedId,
} from '@tidings/profile';
import { enrol, join, type PastOccurrence } from '@tidings/segment';
import type { Following } from './follow.js';
import { idsOf, type KnownProfile } from './known-profile.js';

/** What an event brings into its profile before it is applied: others that are the same person, and what each of them did. */
export interface Brought {
  readonly found: readonly {
    readonly known: KnownProfile;
    readonly by: MergedId;
    readonly history: readonly PastOccurrence[];
  }[];
  readonly unheard: readonly MergedId[];
  readonly refused: readonly RefusedId[];
}

/** A profile with what was brought into it. */
export interface Start {
  readonly profile: ProfileState;
  /** Null when nobody heard of any of them before. */
  readonly known: KnownProfile | null;
  /** Segments that any of them was in: who was in one as somebody else does not enter it. */
  readonly was: readonly string[];
  /** Every id that is this profile's from now on, and was not before. */
  readonly merged: readonly string[];
  readonly withdrawn: readonly Channel[];
  readonly limited: readonly Limited[];
}

/** Merges what an event brings. */
export function bring(
  following: Following,
  before: KnownProfile | null,
  event: AcceptedEvent,
  brought: Brought,
): Start {
  const { found, unheard, refused } = brought;
  const base = before?.profile ?? newProfile(following.ref.profileId, event.receivedAt);
  const start = refused.length + unheard.length === 0 ? base : withNews(base, brought);
  if (found.length === 0) {
    const known = before && { profile: start, membership: before.membership };
    const ids = unheard.map(({ id }) => id);
    return { profile: start, known, was: before?.membership.segments ?? [], merged: ids, withdrawn: [], limited: [] };
  }
  return merged(following, before, { start, brought, now: Date.parse(event.receivedAt) });
}

const withNews = (profile: ProfileState, { unheard, refused }: Brought): ProfileState => ({
  ...profile,
  ids: [...profile.ids, ...unheard],
  refused: refused.reduce(withRefusal, profile.refused),
});

interface Merging {
  readonly start: ProfileState;
  readonly brought: Brought;
  readonly now: number;
}

function merged(
  { segments, groupOf }: Following,
  before: KnownProfile | null,
  { start, brought: { found, unheard }, now }: Merging,
): Start {
  let profile = start;
  const withdrawn: Channel[] = [];
  const limited: Limited[] = [];
  for (const { known, by } of found) {
    const next = mergeProfiles(profile, known.profile, by);
    profile = next.profile;
    withdrawn.push(...next.withdrawn);
    limited.push(...next.limited);
  }
  profile = heldAgainst(profile, groupOf);
  const own = before?.membership ?? enrol(segments, { occurrence: null, person: start, changed: [], aspects: [], now });
  const history = found.flatMap((each) => each.history);
  const kept = found.map(({ known }) => known.membership.counters);
  const all = [before, ...found.map(({ known }) => known)];
  return {
    profile,
    known: { profile, membership: join(segments, own, { person: profile, history, kept, now }) },
    was: [...new Set(all.flatMap((each) => each?.membership.segments ?? []))],
    merged: [...unheard.map(({ id }) => id), ...found.flatMap(({ known }) => idsOf(known))],
    withdrawn,
    limited,
  };
}
