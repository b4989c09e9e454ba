import type { Aspect } from '@tidings/condition';
import { backfillSource, clockSource, type AcceptedEvent } from '@tidings/contracts';
import { activeAt, applyEvent, happenedAt, heldAgainst, type Applied, type AppliedGroup, type GroupOf, type Limited, type ProfileState } from '@tidings/profile';
import {
  disown,
  enrol,
  hear,
  heedsMessages,
  isBehind,
  passTime,
  revise,
  untaken,
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
  /** What is known of the workspace's groups. */
  readonly groupOf: GroupOf;
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
  /** The group as the event leaves it, when it is about one. */
  readonly group: AppliedGroup | null;
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
  const { event, cause, traceparent, brought, group } = heard;
  const isQuiet = known !== null && isAside(following, known, event);
  const before = known === null || isQuiet ? known : caughtUp(following, known, Date.parse(event.receivedAt));
  const start = bring(following, before, event, brought);
  const applied = inGroups(asActive(applyEvent(start.profile, event), event), isQuiet ? null : groupOfHeard(following, group));
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
    limited: [...start.limited, ...applied.limited, ...limitedOf(group)],
  };
}

const limitedOf = (group: AppliedGroup | null): readonly Limited[] => (group?.full === true ? ['group-traits'] : []);

/** On which days there is anything to count is noted with the profile, for whoever looks into its history (`history-reading.store`). */
const asActive = (applied: Applied, event: AcceptedEvent): Applied =>
  isCountable(event) ? { ...applied, profile: activeAt(applied.profile, event.receivedAt) } : applied;

const isCountable = (event: AcceptedEvent): boolean => performing.has(event.type) || pointOf(event) !== null;

/** Whoever is not looked at is not held against their groups. */
const inGroups = (applied: Applied, groupOf: GroupOf | null): Applied =>
  groupOf === null ? applied : { ...applied, profile: heldAgainst(applied.profile, groupOf) };

const groupOfHeard =
  ({ groupOf }: Following, applied: AppliedGroup | null): GroupOf =>
  (id) =>
    applied?.group.id === id ? applied.group : groupOf(id);

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
  // A snapshot is taken before anything is said that it must not hear.
  if (isToBeTaken(segments, known)) return false;
  if (context.consent !== undefined && segments.byAspect.has('consent')) return false;
  if (context.device !== undefined && segments.byAspect.has('devices')) return false;
  if (type === 'listing') return !segments.byList.has(name);
  return receipt === undefined || !heedsMessages(segments, receipt.kind);
}

const isToBeTaken = (segments: Segments, { profile, membership }: KnownProfile): boolean =>
  membership.revision !== segments.revision &&
  untaken(segments, membership.counters, Date.parse(profile.createdAt)).length > 0;

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
    ...(before !== null && { was: before.profile }),
    changed,
    aspects: before === null ? [] : aspects.filter((aspect) => isOther(aspect, profile, before.profile)),
    now: Date.parse(event.receivedAt),
  };
  return before === null ? enrol(segments, facts) : hear(segments, before.membership, facts);
}

const aspects: readonly Aspect[] = ['devices', 'consent', 'place', 'timezone', 'groups'];

/** To be told again that one belongs to a group changes no answer. */
const isOther = (aspect: Aspect, after: ProfileState, before: ProfileState): boolean =>
  aspect === 'groups'
    ? after.groups.length !== before.groups.length ||
      after.groups.some(({ id, traits }, index) => before.groups[index]?.id !== id || before.groups[index].traits !== traits)
    : after[aspect] !== before[aspect];

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
  const end = Math.max(until, current.membership.evaluatedAt);
  for (let next = later(following, current, end); next !== current; next = later(following, current, end))
    current = next;
  return current;
}

function upToDate(following: Following, known: KnownProfile): KnownProfile {
  const { ref, segments, past, now, activities, groupOf } = following;
  const { membership } = known;
  const profile = heldAgainst(known.profile, groupOf);
  // First, because somebody may know of newer segments than those that the profile was last held against.
  if (isBehind(segments, membership, now.getTime())) return { profile, membership: disown(segments, membership) };
  if (membership.revision === segments.revision)
    return profile === known.profile ? known : regrouped(following, known, profile);
  const after = withMembership({ profile, membership }, revise(segments, membership, profile, past));
  const { revisedAt } = after.membership;
  activities.add(ref, known.membership.segments, after, {
    segments,
    cause: { source: backfillSource, position: revisedAt },
    at: new Date(revisedAt).toISOString(),
  });
  return after;
}

/** A profile whose groups changed since it was last held against them; only what asks for groups is asked. */
function regrouped({ ref, segments, activities, groupOf }: Following, known: KnownProfile, profile: ProfileState): KnownProfile {
  const others = profile.groups.filter((each, index) => each !== known.profile.groups[index]);
  const changedAt = Math.max(...others.map(({ id }) => groupOf(id)?.changedAt ?? 0));
  const position = Math.max(changedAt, profile.groupsToldAt + 1);
  const facts: Facts = { occurrence: null, person: profile, changed: [], aspects: ['groups'], now: changedAt };
  const before = { profile: { ...profile, groupsToldAt: position }, membership: known.membership };
  const after = withMembership(before, hear(segments, known.membership, facts));
  activities.add(ref, known.membership.segments, after, {
    segments,
    cause: { source: 'groups', position },
    at: new Date(changedAt).toISOString(),
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
    cause: { source: clockSource, position: dueAt },
    at: new Date(dueAt).toISOString(),
  });
  return after;
}

/** Every activity has a version of its own. */
const withMembership = ({ profile, membership: before }: KnownProfile, membership: Membership): KnownProfile => ({
  profile: membership.segments === before.segments ? profile : { ...profile, version: profile.version + 1 },
  membership,
});
