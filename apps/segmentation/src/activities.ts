import { outgoing, type Outgoing } from '@tidings/bus';
import { isBackfill, profileActivity, type AcceptedEvent, type Channel, type ProfileActivity } from '@tidings/contracts';
import { changeOf, type Segments } from '@tidings/segment';
import { shown, type KnownProfile, type ProfileRef } from './known-profile.js';

/** What is published because of one cause. */
export interface Told {
  readonly cause: ProfileActivity['cause'];
  readonly at: string;
  readonly event?: AcceptedEvent;
  readonly withdrawn?: readonly Channel[];
  readonly traceparent?: string | null;
  /** What it was held against. */
  readonly segments: Segments;
  /** Ids that are this profile's since. */
  readonly merged?: readonly string[];
}

/** Collects what is to be published about the profiles of a batch, in order. */
export class Activities {
  private readonly outgoing: Outgoing[] = [];
  /** When each cause was received or fell due; publishing a segment is neither, and takes as long as it takes. */
  readonly causes: string[] = [];

  /** Tells what became of a profile that was in these segments. Without an event, no change is nothing to tell. */
  add(ref: ProfileRef, was: readonly string[], after: KnownProfile, told: Told): void {
    const { entered, left } = changeOf(was, after.membership.segments);
    const { cause, at, event = null, withdrawn = [], merged = [], traceparent = null } = told;
    if (event === null && entered.length === 0 && left.length === 0) return;
    const activity: ProfileActivity = {
      v: 1,
      workspace: ref.workspace,
      profileId: ref.profileId,
      cause,
      event,
      profile: shown(after, told.segments),
      entered: [...entered],
      left: [...left],
      withdrawn: [...withdrawn],
      ...(merged.length > 0 && { merged: [...merged] }),
      at,
    };
    this.outgoing.push(outgoing(profileActivity, activity, traceparent));
    if (!isBackfill(cause)) this.causes.push(at);
  }

  messages(): readonly Outgoing[] {
    return this.outgoing;
  }
}
