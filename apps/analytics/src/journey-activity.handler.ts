import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { journeyActivity, type JourneyActivity } from '@tidings/contracts';
import { factsOfJourney } from './facts/facts.js';
import { ofDecision } from './messages/happening.js';
import { MessagesStore } from './messages/messages.store.js';
import { LINGER_MS } from './linger.js';

/** Runs and decisions in; facts and messages with their reasons out. */
@Controller()
export class JourneyActivityHandler {
  constructor(private readonly messages: MessagesStore) {}

  @Consumes(journeyActivity, { group: 'analytics', schema: 'analytics', lingerMs: LINGER_MS })
  async handle({ messages, position }: Batch<JourneyActivity>): Promise<void> {
    const activities = messages.map(({ value }) => value);
    await this.messages.hear(position, {
      workspaces: [...new Set(activities.map(({ workspace }) => workspace))],
      facts: activities.flatMap(factsOfJourney),
      happenings: activities.flatMap((activity) => (activity.kind === 'message-decided' ? [ofDecision(activity)] : [])),
    });
  }
}
