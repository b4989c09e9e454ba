import { Injectable } from '@nestjs/common';
import type { Envelope } from '@tidings/bus';
import type { AcceptedEvent } from '@tidings/contracts';
import { missingCounters } from '@tidings/segment';
import { Activities } from './activities.js';
import { followEvent, followTime, isStale, type Following } from './follow.js';
import { keyOf, type ProfileRef } from './known-profile.js';
import type { ProfileMap } from './profile-map.js';
import type { EventPlan, Past, Plan } from './profile.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { countLimited } from './segmentation-metrics.js';

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
    const { following, missing, activities } = this.begin(now);
    const decide = (profiles: ProfileMap, past: Past, fresh: readonly Envelope<AcceptedEvent>[]) => {
      for (const { value: event, partition, offset, topic, traceparent } of fresh) {
        const heard = { event, cause: { source: `${topic}/${partition}`, position: offset }, traceparent };
        const { known, limited } = followEvent(following(event, past), profiles.of(event), heard);
        profiles.set(event, known, partition);
        countLimited(limited);
      }
      return activities.messages();
    };
    return { plan: { missing, decide }, activities };
  }

  /** To this moment. Every profile counts as looked at, so that its moment moves on. */
  toNow(now: Date, claimed: ProfileRef[]): Work<Plan> {
    const { following, missing, activities } = this.begin(now);
    const decide = (profiles: ProfileMap, past: Past) => {
      for (const { ref, known } of profiles.loaded()) {
        claimed.push(ref);
        const { profile, membership } = followTime(following(ref, past), known);
        profiles.set(ref, { profile, membership: { ...membership } });
      }
      return activities.messages();
    };
    return { plan: { missing, decide }, activities };
  }

  private begin(now: Date) {
    const activities = new Activities();
    const segmentsOf = this.catalog.of;
    const missing: Plan['missing'] = (profiles) =>
      profiles.loaded().flatMap(({ ref, known }) => {
        const segments = segmentsOf(ref.workspace);
        if (!isStale(segments, known, now)) return [];
        return [{ ref, rules: missingCounters(segments, known.membership), at: known.membership.evaluatedAt }];
      });
    const following = ({ workspace, profileId }: ProfileRef, past: Past): Following => ({
      ref: { workspace, profileId },
      segments: segmentsOf(workspace),
      past: past.get(keyOf({ workspace, profileId })) ?? {},
      now,
      activities,
    });
    return { following, missing, activities };
  }
}
