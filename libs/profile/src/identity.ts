import { anonymousPrefix, isAnonymousId, type AcceptedEvent } from '@tidings/contracts';

/** An id that was merged into a profile: since when, and by the `messageId` of which event. */
export interface MergedId {
  readonly id: string;
  readonly at: string;
  readonly by: string;
}

/** Why an id was not merged: it belongs to somebody else, or the profile has as many ids as it may. */
export type RefusalReason = 'taken' | 'full';

/** An id that an event would have merged into a profile, and that stayed where it was. */
export interface RefusedId extends MergedId {
  readonly reason: RefusalReason;
}

/** Ids of one profile beside its own; a device that many people use must not make one person of them. */
export const MAX_IDS = 50;
/** Refusals that are remembered, the latest of them. */
const MAX_REFUSED = 10;

const MAX_ID_LENGTH = 255;

/** What of an event names people. */
type Naming = Pick<AcceptedEvent, 'type' | 'userId' | 'anonymousId' | 'properties'>;

/**
 * The ids that an event says are of the same person as its own: the anonymous id beside a user id, and what an `alias` calls
 * previous. That may be an anonymous id or a user id, so it names both.
 */
export function otherIds({ type, userId, anonymousId, properties }: Naming): readonly string[] {
  if (userId === null || type === 'receipt' || type === 'trigger' || type === 'listing') return [];
  const beside = anonymousId === null ? [] : [anonymousPrefix + anonymousId];
  const all = type === 'alias' ? [...beside, ...previousIds(properties['previousId'])] : beside;
  return [...new Set(all)].filter((id) => id !== userId && id.length <= MAX_ID_LENGTH);
}

function previousIds(previous: unknown): readonly string[] {
  if (typeof previous !== 'string' || previous === '') return [];
  return isAnonymousId(previous) ? [previous] : [anonymousPrefix + previous, previous];
}

/** Whether a profile that has so many ids has room for so many more. */
export const hasRoomFor = (ids: number, more: number): boolean => ids + more <= MAX_IDS;

/** The refusals after one more; the same list when it is known already, so that a shared device is told of once. */
export function withRefusal(refused: readonly RefusedId[], refusal: RefusedId): readonly RefusedId[] {
  if (refused.some(({ id, reason }) => id === refusal.id && reason === refusal.reason)) return refused;
  return [...refused, refusal].slice(-MAX_REFUSED);
}
