import { Injectable } from '@nestjs/common';
import type { Envelope } from '@tidings/bus';
import type { AcceptedEvent } from '@tidings/contracts';
import { applyGroup, groupIdOf, isLeaving, otherIds, type AppliedGroup } from '@tidings/profile';
import { isHeeded, missingCounters, type Segments } from '@tidings/segment';
import type { Woken } from '@tidings/service';
import { Activities } from './activities.js';
import type { Brought } from './bring.js';
import type { Asked } from './history-reading.store.js';
import { followEvent, followTime, followUntil, isStale, occurrenceOf, type Following, type Heard } from './follow.js';
import { followSent } from './follow-sent.js';
import { idsOf, keyOf, type ProfileRef } from './known-profile.js';
import { Lives } from './lives.js';
import { mergingOf } from './merging.js';
import type { ProfileMap } from './profile-map.js';
import type { EventPlan, Past, Plan } from './profile.store.js';
import type { SentPlan } from './sent.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { countLimited, countMerges } from './segmentation-metrics.js';

/** One piece of work: how its profiles are to be followed, and what it tells about them. */
export interface Work<P> {
  readonly plan: P;
  readonly activities: Activities;
}

/** Follows the profiles of one transaction, all by the same segments. */
@Injectable()
export class Follower {
  constructor(private readonly catalog: SegmentCatalog) {}

  workspaces(): readonly string[] {
    return this.catalog.workspaces();
  }

  /** Through a batch of events. */
  throughEvents(now: Date): Work<EventPlan> {
    const { following, missing, activities, segmentsOf } = this.begin(now);
    const joining: EventPlan['joining'] = (profiles, events) => askedOf(profiles, events, segmentsOf);
    const decide: EventPlan['decide'] = (profiles, past, histories, fresh) => {
      const lives = new Lives(
        histories,
        fresh.flatMap(({ value }) => othersOf(value)),
      );
      for (const envelope of fresh) {
        const { value: event, partition } = envelope;
        const ref = profiles.rootOf(event);
        const of = (each: ProfileRef) => following(each, profiles, past);
        const brought = this.brought(profiles, ref, event, { lives, following: of });
        const group = groupAfter(profiles, event);
        const { known, limited } = followEvent(of(ref), profiles.of(ref), { ...heardOf(envelope, brought), group });
        if (group !== null) profiles.groups.set(ref.workspace, group.group);
        // Whose clock waits for a partition is for the id's own to say.
        profiles.set(ref, known, ref.profileId === event.profileId ? partition : undefined);
        for (const { id, at } of [...brought.unheard, ...brought.found.map(({ by }) => by)])
          profiles.dissolve({ workspace: ref.workspace, profileId: id }, ref.profileId, at);
        lives.heard(ref, event);
        countLimited(limited);
        countMerges(brought);
      }
      return activities.messages();
    };
    return { plan: { missing, joining, decide }, activities };
  }

  /** Through messages that were sent, as far as segments ask for them. */
  throughSent(now: Date): Work<SentPlan> {
    const { following, missing, activities, segmentsOf } = this.begin(now);
    const decide: SentPlan['decide'] = (profiles, past, fresh) => {
      for (const { value: event, topic, partition, offset, traceparent } of fresh) {
        const ref = profiles.rootOf(event);
        const cause = { source: `${topic}/${partition}`, position: offset };
        profiles.set(ref, followSent(following(ref, profiles, past), profiles.of(ref), event, { cause, traceparent }));
      }
      return activities.messages();
    };
    const heeds: SentPlan['heeds'] = (event) => isHeeded(segmentsOf(event.workspace), occurrenceOf(event));
    const publishedAt: SentPlan['publishedAt'] = (workspace) => segmentsOf(workspace).publishedAt;
    return { plan: { missing, heeds, publishedAt, decide }, activities };
  }

  /** To this moment, by the newest segments unless others are said. Every profile counts as looked at, so that its moment moves on; who they were is added to `woken`. */
  toNow(now: Date, woken: Woken<ProfileRef>[], of = this.catalog.of): Work<Plan> {
    const { following, missing, activities } = this.begin(now, of);
    const decide = (profiles: ProfileMap, past: Past) => {
      for (const { ref, known } of profiles.loaded()) {
        woken.push({ ref, dueAt: known.membership.dueAt });
        const { profile, membership } = followTime(following(ref, profiles, past), known);
        profiles.set(ref, { profile, membership: { ...membership } });
      }
      return activities.messages();
    };
    return { plan: { missing, decide }, activities };
  }

  private brought(
    profiles: ProfileMap,
    into: ProfileRef,
    event: AcceptedEvent,
    { lives, following }: Bringing,
  ): Brought {
    const { found, unheard, refused } = mergingOf(profiles, into, event);
    if (found.length === 0) return { found: [], unheard, refused };
    const until = Date.parse(event.receivedAt);
    const all = found.map(({ ref, known, by }) => ({
      known: followUntil(following(ref), known, until),
      by,
      history: lives.of(ref),
    }));
    for (const { history } of all) lives.merged(into, history);
    return { found: all, unheard, refused };
  }

  private begin(now: Date, of = this.catalog.of) {
    const activities = new Activities();
    // What is missing is read before anything is decided, and others may be heard of meanwhile: both go by the same segments.
    const segmentsOf = heldStill(of);
    const missing: Plan['missing'] = (profiles) =>
      profiles.loaded().flatMap(({ ref, known }) => {
        const segments = segmentsOf(ref.workspace);
        if (!isStale(segments, known, now)) return [];
        return [
          {
            ref,
            ids: idsOf(known),
            activeDays: known.profile.activeDays,
            rules: missingCounters(segments, known.membership, {
              counted: this.catalog.countedUnder(ref.workspace, known.membership.revision),
              createdAt: Date.parse(known.profile.createdAt),
            }),
            at: known.membership.evaluatedAt,
          },
        ];
      });
    const following = ({ workspace, profileId }: ProfileRef, profiles: ProfileMap, past: Past): Following => ({
      ref: { workspace, profileId },
      segments: segmentsOf(workspace),
      past: past.get(keyOf({ workspace, profileId })) ?? {},
      groupOf: profiles.groups.of(workspace),
      now,
      activities,
    });
    return { following, missing, activities, segmentsOf };
  }
}

/** The segments of each workspace as they were when they were first asked for. */
function heldStill(segmentsOf: SegmentCatalog['of']): SegmentCatalog['of'] {
  const held = new Map<string, Segments>();
  return (workspace) => {
    const segments = held.get(workspace) ?? segmentsOf(workspace);
    held.set(workspace, segments);
    return segments;
  };
}

/** What it takes to look at somebody who turns out to be somebody else. */
interface Bringing {
  readonly lives: Lives;
  readonly following: (ref: ProfileRef) => Following;
}

const othersOf = (event: AcceptedEvent): readonly ProfileRef[] =>
  otherIds(event).map((profileId) => ({ workspace: event.workspace, profileId }));

/** What those did who may be merged by these events. */
function askedOf(profiles: ProfileMap, events: readonly AcceptedEvent[], segmentsOf: SegmentCatalog['of']): readonly Asked[] {
  const asked = new Map<string, Asked>();
  for (const event of events) {
    for (const ref of othersOf(event)) {
      const known = profiles.of(ref);
      const key = keyOf(ref);
      if (known === null || asked.has(key)) continue;
      const rules = [...segmentsOf(ref.workspace).byCounter.values()];
      asked.set(key, { ref, ids: idsOf(known), activeDays: known.profile.activeDays, rules, at: Date.parse(event.receivedAt) });
    }
  }
  return [...asked.values()];
}

/** The group that an event is about, after it. */
function groupAfter({ groups }: ProfileMap, event: AcceptedEvent): AppliedGroup | null {
  const id = groupIdOf(event);
  const group = id === null || isLeaving(event) ? null : groups.of(event.workspace)(id);
  return group && applyGroup(group, event);
}

const heardOf = (
  { value: event, partition, offset, topic, traceparent }: Envelope<AcceptedEvent>,
  brought: Brought,
): Omit<Heard, 'group'> => ({ event, cause: { source: `${topic}/${partition}`, position: offset }, traceparent, brought });
