const anonymous = 'anonymous:';

/** Whose an event is, by the ids that it carries. */
export interface Identity {
  readonly userId: string | null;
  readonly anonymousId: string | null;
  readonly profileId: string;
}

/** The profile of a user id, or of an anonymous id until a user id is known. */
export function identityOf(userId: string | null, anonymousId: string | null): Identity | null {
  if (userId !== null) return { userId, anonymousId, profileId: userId };
  return anonymousId === null ? null : { userId, anonymousId, profileId: anonymous + anonymousId };
}

/** The ids behind a profile id that we gave out earlier. */
export function identityOfProfile(profileId: string): Identity {
  if (!isAnonymous(profileId)) return { userId: profileId, anonymousId: null, profileId };
  return { userId: null, anonymousId: profileId.slice(anonymous.length), profileId };
}

/** Whether an id lies in the part of the namespace that anonymous profiles have for themselves. */
export const isAnonymous = (id: string): boolean => id.startsWith(anonymous);
