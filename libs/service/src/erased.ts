import type { ProfileActivity } from '@tidings/contracts';

/** An id in its workspace. */
export interface IdRef {
  readonly workspace: string;
  readonly profileId: string;
}

/** Until when something belongs to a person who was erased: what was received, and what was made of it. */
export interface Erased {
  readonly requestedAt: string;
  readonly until: string;
}

/** Erased ids by `nameOfId`. */
export type ErasedMap = ReadonlyMap<string, Erased>;

/** What an id goes by in an `ErasedMap`; no workspace id has a colon in it. */
export const nameOfId = ({ workspace, profileId }: IdRef): string => `${workspace}:${profileId}`;

/** Whether something of this id, made at this instant, is of a person who was erased. */
export const isErased = (erased: ErasedMap, ref: IdRef, at: string): boolean => {
  const found = erased.size === 0 ? undefined : erased.get(nameOfId(ref));
  return found !== undefined && at <= found.until;
};

/**
 * Whether an activity is of a person who was erased. An event counts by when it was received. The clock may have told of the
 * person until segmentation let go: then the profile is one that was there when the erasure was asked for.
 */
export function isErasedActivity(erased: ErasedMap, activity: ProfileActivity): boolean {
  if (erased.size === 0) return false;
  const { workspace, profileId, event, profile, at } = activity;
  const found = erased.get(nameOfId({ workspace, profileId })) ?? erased.get(nameOfId({ workspace, profileId: event?.profileId ?? profileId }));
  if (found === undefined) return false;
  if (event !== null) return event.receivedAt <= found.requestedAt;
  return profile.createdAt <= found.requestedAt && at <= found.until;
}
