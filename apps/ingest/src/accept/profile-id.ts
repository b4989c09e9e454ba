import { anonymousPrefix, isAnonymousId } from '@tidings/contracts';

/** Whose an event is, by the ids that it carries. */
export interface Identity {
  readonly userId: string | null;
  readonly anonymousId: string | null;
  readonly profileId: string;
}

/** The profile of a user id, or of an anonymous id until a user id is known. */
export function identityOf(userId: string | null, anonymousId: string | null): Identity | null {
  if (userId !== null) return { userId, anonymousId, profileId: userId };
  return anonymousId === null ? null : { userId, anonymousId, profileId: anonymousIdOf(anonymousId) };
}

/** The ids behind a profile id that we gave out earlier. */
export function identityOfProfile(profileId: string): Identity {
  if (!isAnonymousId(profileId)) return { userId: profileId, anonymousId: null, profileId };
  return { userId: null, anonymousId: profileId.slice(anonymousPrefix.length), profileId };
}

/** The profile's id of an anonymous id. */
export const anonymousIdOf = (anonymousId: string): string => anonymousPrefix + anonymousId;
