import type { Aspect } from '@tidings/condition';
import { backfillSource, type AcceptedEvent } from '@tidings/contracts';
import { applyEvent, happenedAt, type Applied, type Limited } from '@tidings/profile';
import {
  disown,
  enrol,
  hear,
  heedsMessages,
  isBehind,
  passTime,
  revise,
  type Counters,
  type Facts,
  type Membership,
  type Occurrence,
  type Segments,
} from '@tidings/segment';
import type { Activities, Told } from './activities.js';
import { bring, type Brought } from './bring.js';
import type { HeardEvent } from './heard-event.js';
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
  /** Others that it shows to be the same person; time has passed for them as well. */
  readonly brought: Brought;
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
  const { ref, segments, activities } = following;
  const { event, cause, traceparent, brought } = heard;
  const isQuiet = known !== null && isAside(following, known, event);
  const before = known === null || isQuiet ? known : caughtUp(following, known, Date.parse(event.receivedAt));
  const start = bring(segments, ref, before, event, brought);
  const applied = applyEvent(start.profile, event);
  const after = {
    profile: atLeastFirst(applied),
    membership: before !== null && isQuiet ? before.membership : membershipAfter(segments, start.known, applied, event),
  };
  const withdrawn = [...new Set([...start.withdrawn, ...applied.withdrawn])].filter(
    (channel) => after.profile.consent[channel] === false,
  );
  const { was, merged } = start;
  activities.add(ref, was, after, { cause, at: event.receivedAt, event, withdrawn, merged, traceparent, segments });
  return {
    known: isSame(before, after) ? (before ?? after) : after,
    limited: [...start.limited, ...applied.limited],
  };
}

/** A profile after time passed up to a moment in ms. */
export const followUntil = (following: Following, known: KnownProfile, until: number): KnownProfile =>
  caughtUp(following, known, until);

/** A profile after time passed to now. */
export const followTime = (following: Following, known: KnownProfile): KnownProfile =>
  caughtUp(following, known, following.now.getTime());

/** Whether the profile's segments must be looked at anew, by this process. */
export const isStale = (segments: Segments, { membership }: KnownProfile, now: Date): boolean =>
  membership.revision !== segments.revision && !isBehind(segments, membership, now.getTime());

/** Triggers are about journeys, receipts about messages, and listings about lists: only what some segment asks of them can change an answer. */
function isAside(
  { segments, now }: Following,
  known: KnownProfile,
  { type, name, receipt, context }: AcceptedEvent,
): boolean {
  if (!aside.has(type)) return false;
  // Segments that this process has not heard of may ask for it.
  if (isBehind(segments, known.membership, now.getTime())) return false;
  if (context.consent !== undefined && segments.byAspect.has('consent')) return false;
  if (context.device !== undefined && segments.byAspect.has('devices')) return false;
  if (type === 'listing') return !segments.byList.has(name);
  return receipt === undefined || !heedsMessages(segments, receipt.kind);
}

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
  const { profile, changed } = applied;
  const facts: Facts = {
    occurrence: occurrenceOf(event),
    point: pointOf(event),
    person: profile,
    changed,
    aspects: before === null ? [] : aspects.filter((aspect) => profile[aspect] !== before.profile[aspect]),
    now: Date.parse(event.receivedAt),
  };
  return before === null ? enrol(segments, facts) : hear(segments, before.membership, facts);
}

const aspects: readonly Aspect[] = ['devices', 'consent', 'place', 'timezone'];

/** What an event counts as; null when no segment can ask for it. */
export function occurrenceOf(event: HeardEvent): Facts['occurrence'] {
  const at = happenedAt(event);
  const { receipt } = event;
  if (receipt !== undefined) return { heard: 'message', name: receipt.kind, properties: receipt, at };
  if (event.type === 'listing') return { heard: 'listed', name: event.name, properties: event.properties, at };
  if (!performing.has(event.type)) return null;
  return { heard: 'performed', name: event.name, properties: event.properties, at };
}

/** Where an event says that the person was; null where it does not. */
export function pointOf(event: HeardEvent): Occurrence | null {
  const { latitude, longitude } = event.context.location ?? {};
  if (latitude === undefined || longitude === undefined || aside.has(event.type)) return null;
  return { heard: 'place', name: 'point', properties: { latitude, longitude }, at: happenedAt(event) };
}

/** What is not said by the person themselves. */
export const aside: ReadonlySet<string> = new Set<AcceptedEvent['type']>(['receipt', 'trigger', 'listing']);

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
  const after = withMembership(known, revise(segments, membership, profile, past));
  const { revisedAt } = after.membership;
  activities.add(ref, known.membership.segments, after, {
    segments,
    cause: { source: backfillSource, position: revisedAt },
    at: new Date(revisedAt).toISOString(),
  });
  return after;
}

/** One moment further, up to `until`; the same profile when none is due. */
function later({ ref, segments, activities }: Following, known: KnownProfile, until: number): KnownProfile {
  const { dueAt } = known.membership;
  const membership = passTime(segments, known.membership, known.profile, until);
  if (membership === known.membership || dueAt === null) return known;
  const after = withMembership(known, membership);
  activities.add(ref, known.membership.segments, after, {
    segments,
    cause: { source: 'clock', position: dueAt },
    at: new Date(dueAt).toISOString(),
  });
  return after;
}

/** Every activity has a version of its own. */
const withMembership = ({ profile, membership: before }: KnownProfile, membership: Membership): KnownProfile => ({
  profile: membership.segments === before.segments ? profile : { ...profile, version: profile.version + 1 },
  membership,
});
