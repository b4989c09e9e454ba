import { fileURLToPath } from 'node:url';
import type { AcceptedEvent, ComputedValue, Receipt } from '@tidings/contracts';
import { nothingKnown, type DefinitionSet } from '@tidings/definition';
import { applyEvent, happenedAt, newProfile, type ProfileState } from '@tidings/profile';
import { compileSegments, computedValues, enrol, hear, passTime, type Membership, type Segments } from '@tidings/segment';
import { readChecked } from '../commands/check.js';

/** The definitions of an example, read from its files and checked as the command line does. */
export const readExample = (name: string): Promise<DefinitionSet> =>
  readChecked(fileURLToPath(new URL(`../../../../examples/${name}`, import.meta.url)), {}, nothingKnown);

/** The segments of an example as they are in force, published before anything happens. */
export const inForce = ({ segments, computedTraits }: DefinitionSet): Segments => compileSegments(segments, Date.parse('2020-01-01'), computedTraits);

/** What one event says, beside whose it is and when. */
export type Happening = Pick<AcceptedEvent, 'type' | 'name'> &
  Partial<Pick<AcceptedEvent, 'properties' | 'traits' | 'context' | 'receipt'>>;

/** They did something. */
export const did = (name: string, properties: AcceptedEvent['properties'] = {}): Happening => ({ type: 'track', name, properties });

/** We hear something about them. */
export const is = (traits: AcceptedEvent['traits'], context: AcceptedEvent['context'] = {}): Happening => ({
  type: 'identify',
  name: 'identify',
  traits,
  context,
});

/** Their app says where they are. */
export const isAt = (latitude: number, longitude: number): Happening => ({ ...did('App Opened'), context: { location: { latitude, longitude } } });

/** Something came back about an e-mail to them. */
export const mail = (kind: Receipt['kind'], messageId: string): Happening => ({
  type: 'receipt',
  name: kind,
  receipt: { kind, messageId, channel: 'email' },
});

/** An instant of 2026 in UTC: `03-10` is its midnight, `03-10 09:30` a time of it; a whole date is of another year. */
export function instant(when: string): number {
  const [day = '', time = '00:00'] = when.split(' ');
  return Date.parse(`${day.length > 5 ? day : `2026-${day}`}T${time}${time.length > 5 ? '' : ':00'}Z`);
}

/** One person whose events and moments go the way that segmentation takes them, with a clock that only the test moves. */
export class Story {
  /** What time alone changed: the instant, and the segments before and after. */
  readonly byTimeAlone: { readonly at: number; readonly before: readonly string[]; readonly after: readonly string[] }[] = [];
  private events = 0;
  private profile: ProfileState | null = null;
  private membership: Membership | null = null;

  constructor(
    private readonly segments: Segments,
    private readonly id = 'ann',
  ) {}

  /** Ids of the segments the person is in, sorted. */
  get memberships(): readonly string[] {
    return this.membership?.segments ?? [];
  }

  /** What the computed traits come to at a moment in ms, by their ids. */
  computedAt(now: number): Readonly<Record<string, ComputedValue>> {
    return computedValues(this.segments, this.membership?.counters ?? {}, { now, timezone: this.profile?.timezone ?? null });
  }

  /** Time passes up to a moment in ms; nothing happens. */
  until(now: number): this {
    for (;;) {
      const { profile, membership: before } = this;
      if (before === null || profile === null) return this;
      const after = passTime(this.segments, before, profile, now);
      if (after === before) return this;
      this.membership = asKept(after);
      if (after.segments === before.segments) continue;
      this.byTimeAlone.push({ at: after.evaluatedAt, before: before.segments, after: after.segments });
    }
  }

  /** Something is heard at a moment in ms; it happened then, or `lateBy` before. */
  hear(now: number, happening: Happening, lateBy = 0): this {
    this.until(now);
    const event = this.event(now, happening, lateBy);
    const before = this.profile;
    const { profile, changed } = applyEvent(before ?? newProfile(this.id, event.receivedAt), event);
    const aspects = before === null ? [] : (['timezone', 'place'] as const).filter((aspect) => before[aspect] !== profile[aspect]);
    const was = before === null ? {} : { was: before };
    const facts = { occurrence: occurrenceOf(event), point: pointOf(event), person: profile, ...was, changed, aspects, now };
    this.profile = profile;
    this.membership = asKept(this.membership === null ? enrol(this.segments, facts) : hear(this.segments, this.membership, facts));
    return this;
  }

  private event(now: number, happening: Happening, lateBy: number): AcceptedEvent {
    this.events += 1;
    return {
      v: 1,
      workspace: 'demo',
      profileId: this.id,
      messageId: `event-${this.events}`,
      userId: this.id,
      anonymousId: null,
      properties: {},
      traits: {},
      context: {},
      ...happening,
      timestamp: new Date(now - lateBy).toISOString(),
      receivedAt: new Date(now).toISOString(),
      source: 'http',
    };
  }
}

function occurrenceOf(event: AcceptedEvent) {
  const { type, name, receipt, properties } = event;
  const at = happenedAt(event);
  if (receipt !== undefined) return { heard: 'message' as const, name: receipt.kind, properties: receipt, at };
  return type === 'track' ? { heard: 'performed' as const, name, properties, at } : null;
}

function pointOf(event: AcceptedEvent) {
  const { latitude, longitude } = event.context.location ?? {};
  if (latitude === undefined || longitude === undefined) return null;
  return { heard: 'place' as const, name: 'point', properties: { latitude, longitude }, at: happenedAt(event) };
}

/** As it comes back from where it is stored. */
const asKept = (membership: Membership): Membership => ({
  ...membership,
  counters: JSON.parse(JSON.stringify(membership.counters)) as Membership['counters'],
});
