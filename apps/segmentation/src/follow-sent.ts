import { newProfile } from '@tidings/profile';
import { enrol, hear } from '@tidings/segment';
import type { Told } from './activities.js';
import { followUntil, occurrenceOf, type Following } from './follow.js';
import type { HeardEvent } from './heard-event.js';
import type { KnownProfile } from './known-profile.js';

/**
 * A profile after a message to it was sent, which says nothing about the person. Told are segments that it entered or left;
 * that the message was sent is `delivery-events`' to tell.
 */
export function followSent(
  following: Following,
  known: KnownProfile | null,
  event: HeardEvent,
  { cause, traceparent }: Required<Pick<Told, 'cause' | 'traceparent'>>,
): KnownProfile {
  const { ref, segments, activities } = following;
  const now = Date.parse(event.receivedAt);
  const before = known && followUntil(following, known, now);
  const person = before?.profile ?? newProfile(ref.profileId, event.receivedAt);
  const facts = { occurrence: occurrenceOf(event), person, changed: [], aspects: [], now };
  const membership = before === null ? enrol(segments, facts) : hear(segments, before.membership, facts);
  const was = before?.membership.segments ?? [];
  const isTold = before === null || membership.segments !== was;
  const after = { profile: isTold ? { ...person, version: person.version + 1 } : person, membership };
  activities.add(ref, was, after, { segments, cause, at: event.receivedAt, traceparent });
  return after;
}
