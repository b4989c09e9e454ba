import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { profileActivity, type ProfileActivity } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { factsOfActivity } from './facts/facts.js';
import { ConversionStore, type GoalReached } from './goals/conversion.store.js';
import { goalsOf, reachedBy, type Goals } from './goals/goals.js';
import { ofReceipt } from './messages/happening.js';
import { MessagesStore } from './messages/messages.store.js';
import { LINGER_MS } from './linger.js';

/** What profiles did in; facts, receipts of messages and conversions out. */
@Controller()
export class ActivityHandler {
  private readonly goals: (workspace: string) => Goals;

  constructor(
    private readonly messages: MessagesStore,
    private readonly conversions: ConversionStore,
    catalog: Catalog,
  ) {
    this.goals = catalog.derived((definitions, workspace) => goalsOf(definitions.all('journey', workspace)));
  }

  @Consumes(profileActivity, { group: 'analytics', schema: 'analytics', lingerMs: LINGER_MS })
  async handle({ messages, position }: Batch<ProfileActivity>): Promise<void> {
    const activities = messages.map(({ value }) => value);
    const reached = activities.flatMap((activity) => this.goalsReached(activity));
    await this.messages.hear(position, {
      workspaces: [...new Set(activities.map(({ workspace }) => workspace))],
      facts: activities.flatMap(factsOfActivity),
      happenings: activities.map(ofReceipt).filter((happening) => happening !== null),
      lookUp: (tx) => this.conversions.credited(tx, reached),
    });
  }

  private goalsReached({ workspace, profileId, event }: ProfileActivity): GoalReached[] {
    if (event === null) return [];
    return reachedBy(this.goals(workspace), event).map(({ journey, withinMs }) => ({
      workspace,
      profileId,
      journey,
      at: event.timestamp,
      since: new Date(Date.parse(event.timestamp) - withinMs).toISOString(),
    }));
  }
}
