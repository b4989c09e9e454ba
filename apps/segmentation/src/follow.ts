import type { AcceptedEvent } from '@tidings/contracts';
import { applyEvent, happenedAt, newProfile, type Applied, type Limited } from '@tidings/profile';
import {
  disown,
  enrol,
  hear,
  isBehind,
  passTime,
  revise,
  type Counters,
  type Facts,
  type Membership,
  type Segments,
} from '@tidings/segment';
import type { Activities, Told } from './activities.js';
import type { KnownProfile, ProfileRef } from './known-profile.js';

/** One profile, and what it is held against. */
export interface Following {
  readonly ref: ProfileRef;
  readonly segments: Segments;
  /** Counters from history, for a profile whose segments must be looked at anew. */
  readonly past: Counters;
  /** The clock of this process. */
  readonly now: Date;
  readonly activities: Activities;
}

/** An event and where it came from. */
export interface Heard {
  readonly event: AcceptedEvent;
  readonly cause: Told['cause'];
  readonly traceparent: string | null;
}

/**
 * A profile after an event. What publishing and time changed before it is told first, under causes of their own: whoever
 * works it out, the clock or a replayed event, tells the same.
 */
export function followEvent(
  following: Following,
  known: KnownProfile | null,
  heard: Heard,
): { known: KnownProfile; limited: readonly Limited[] } {
  const { ref, activities } = following;
  const { event, cause, traceparent } = heard;
  const before = known === null || isAside(event) ? known : caughtUp(following, known, Date.parse(event.receivedAt));
  const applied = applyEvent(before?.profile ?? newProfile(ref.profileId, event.receivedAt), event);
  const after = {
    profile: atLeastFirst(applied),
    membership: membershipAfter(following.segments, before, applied, event),
  };
  activities.add(ref, before, after, { cause, at: event.receivedAt, event, withdrawn: applied.withdrawn, traceparent });
  return { known: isSame(before, after) ? (before ?? after) : after, limited: applied.limited };
}

/** A profile after time passed to now. */
export const followTime = (following: Following, known: KnownProfile): KnownProfile =>
  caughtUp(following, known, following.now.getTime());

/** Whether the profile's segments must be looked at anew, by this process. */
export const isStale = (segments: Segments, { membership }: KnownProfile, now: Date): boolean =>
  membership.revision !== segments.revision && !isBehind(segments, membership, now.getTime());

/** Receipts and triggers are about messages and journeys: no segment can mention them. */
const isAside = ({ type }: AcceptedEvent): boolean => type === 'receipt' || type === 'trigger';

const isSame = (before: KnownProfile | null, after: KnownProfile): boolean =>
  before?.profile === after.profile && before.membership === after.membership;

/** Also a receipt makes a profile that others can see. */
const atLeastFirst = ({ profile }: Applied): Applied['profile'] =>
  profile.version === 0 ? { ...profile, version: 1 } : profile;

function membershipAfter(
  segments: Segments,
  before: KnownProfile | null,
  applied: Applied,
  event: AcceptedEvent,
): Membership {
  if (before !== null && isAside(event)) return before.membership;
  const { profile, changed } = applied;
  const facts: Facts = {
    occurrence: occurrenceOf(event),
    traits: profile.traits,
    changed,
    now: Date.parse(event.receivedAt),
  };
  return before === null ? enrol(segments, facts) : hear(segments, before.membership, facts);
}

function occurrenceOf(event: AcceptedEvent): Facts['occurrence'] {
  if (!performing.has(event.type)) return null;
  return { name: event.name, properties: event.properties, at: happenedAt(event) };
}

/** The calls whose names `performed` can mention. */
export const performing: ReadonlySet<string> = new Set<AcceptedEvent['type']>(['track', 'page', 'screen']);

function caughtUp(following: Following, known: KnownProfile, until: number): KnownProfile {
  let current = upToDate(following, known);
  for (let next = later(following, current, until); next !== current; next = later(following, current, until))
    current = next;
  return current;
}

function upToDate({ ref, segments, past, now, activities }: Following, known: KnownProfile): KnownProfile {
  const { profile, membership } = known;
  // First, because somebody may know of newer segments than those that the profile was last held against.
  if (isBehind(segments, membership, now.getTime())) return { profile, membership: disown(segments, membership) };
  if (membership.revision === segments.revision) return known;
  const after = withMembership(known, revise(segments, membership, profile.traits, past));
  const { revisedAt } = after.membership;
  activities.add(ref, known, after, {
    cause: { source: 'segments', position: revisedAt },
    at: new Date(revisedAt).toISOString(),
  });
  return after;
}

/** One moment further, up to `until`; the same profile when none is due. */
function later({ ref, segments, activities }: Following, known: KnownProfile, until: number): KnownProfile {
  const { dueAt } = known.membership;
  const membership = passTime(segments, known.membership, known.profile.traits, until);
  if (membership === known.membership || dueAt === null) return known;
  const after = withMembership(known, membership);
  activities.add(ref, known, after, { cause: { source: 'clock', position: dueAt }, at: new Date(dueAt).toISOString() });
  return after;
}

/** Every activity has a version of its own. */
const withMembership = ({ profile, membership: before }: KnownProfile, membership: Membership): KnownProfile => ({
  profile: membership.segments === before.segments ? profile : { ...profile, version: profile.version + 1 },
  membership,
});
