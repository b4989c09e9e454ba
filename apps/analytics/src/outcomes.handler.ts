import { Controller } from '@nestjs/common';
import { Consumes, type Batch, type Envelope } from '@tidings/bus';
import { activitiesOf, deliveryEvents, journeyActivity, nobody, profileActivity, type DeliveryEvent, type JourneyActivity, type ProfileActivity, type Topic } from '@tidings/contracts';
import { Catalog, isErased, isErasedActivity, type ErasedMap } from '@tidings/service';
import type { Static, TSchema } from 'typebox';
import { factsOfActivity, factsOfJourney } from './facts/facts.js';
import { ConversionStore, type GoalReached } from './goals/conversion.store.js';
import { goalsOf, reachedBy, type Goals } from './goals/goals.js';
import { IdentitiesStore } from './identities.store.js';
import { ofDecision, ofDelivery, ofReceipt } from './messages/happening.js';
import { MessagesStore, type Heard } from './messages/messages.store.js';
import { mergeOf } from './timeline/timeline.js';

/** Nobody waits for the numbers of analytics, so it takes many messages at a time, in few transactions. */
const LINGER_MS = 250;
const MOST_MESSAGES = 1_000;

/**
 * What profiles did, what was decided and what dispatchers did in; facts, and messages with what became of them, out. One
 * consumer of all three, because most messages are decided and delivered within one batch: then their row is written once.
 */
@Controller()
export class OutcomesHandler {
  private readonly goals: (workspace: string) => Goals;

  constructor(
    private readonly messages: MessagesStore,
    private readonly conversions: ConversionStore,
    private readonly identities: IdentitiesStore,
    catalog: Catalog,
  ) {
    this.goals = catalog.derived((definitions, workspace) => goalsOf(definitions.all('journey', workspace)));
  }

  @Consumes([profileActivity, journeyActivity, deliveryEvents], { group: 'analytics', schema: 'analytics', lingerMs: LINGER_MS, maxBatch: MOST_MESSAGES })
  async handle({ messages, positions }: Batch<ProfileActivity | JourneyActivity | DeliveryEvent>): Promise<void> {
    const values = messages.map(({ value }) => value);
    await this.messages.hear(positions, {
      workspaces: [...new Set(values.map(({ workspace }) => workspace))],
      refs: () => [...values, ...valuesOf(profileActivity, messages).flatMap(({ event }) => event ?? [])],
      heard: (erased) => this.heard(messages, erased),
    });
  }

  /** What messages tell; what is left of those who were erased counts as nobody's. */
  private heard(messages: readonly Envelope<unknown>[], erased: ErasedMap): Heard {
    const activities = valuesOf(profileActivity, messages).filter((activity) => !isErasedActivity(erased, activity));
    const journeys = valuesOf(journeyActivity, messages).flatMap((told) => activitiesOf(anonymous(erased, told, told.at)));
    const deliveries = valuesOf(deliveryEvents, messages).map((delivery) => anonymous(erased, delivery, delivery.dueAt));
    const reached = activities.flatMap((activity) => this.goalsReached(activity));
    return {
      facts: () => [...activities.flatMap(factsOfActivity), ...journeys.flatMap(factsOfJourney)],
      // In the order of a message's life: a fact is told at the time of the last of them.
      happenings: [
        ...journeys.flatMap((activity) => (activity.kind === 'message-decided' ? [ofDecision(activity)] : [])),
        ...deliveries.map(ofDelivery),
        ...activities.map(ofReceipt).filter((happening) => happening !== null),
      ],
      moments: activities.map(mergeOf).filter((moment) => moment !== null),
      lookUp: async (tx) => {
        await this.identities.keep(tx, activities);
        return this.conversions.credited(tx, reached);
      },
    };
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

const valuesOf = <S extends TSchema>({ name }: Topic<S>, messages: readonly Envelope<unknown>[]): Static<S>[] =>
  messages.filter(({ topic }) => topic === name).map(({ value }) => value as Static<S>);

const anonymous = <T extends { readonly workspace: string; readonly profileId: string }>(erased: ErasedMap, told: T, at: string): T =>
  isErased(erased, told, at) ? { ...told, profileId: nobody } : told;
