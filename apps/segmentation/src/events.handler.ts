import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { events, type AcceptedEvent } from '@tidings/contracts';
import { Follower } from './follower.js';
import { ProfileStore } from './profile.store.js';
import { countDuplicates, measureDone } from './segmentation-metrics.js';
import { Traffic } from './traffic.js';

/** A batch costs as much as twenty of its events, and segments may be a second late: larger batches save a quarter of all that events cost (ADR 0032). */
const PACE_MS = 60;

/** Accepted events in; each with the profile it leaves behind, and the segments entered and left, out. */
@Controller()
export class EventsHandler {
  constructor(
    private readonly follower: Follower,
    private readonly store: ProfileStore,
    private readonly traffic: Traffic,
  ) {}

  @Consumes(events, { group: 'segmentation', schema: 'segmentation', paceMs: PACE_MS })
  handle(batch: Batch<AcceptedEvent>): Promise<void> {
    return this.traffic.through(() => this.follow(batch));
  }

  private async follow({ messages, positions }: Batch<AcceptedEvent>): Promise<void> {
    const now = new Date();
    const causes: (readonly string[])[] = [];
    let repeated = 0;
    await this.store.change(messages, positions, now, () => {
      const { plan, activities } = this.follower.throughEvents(now);
      causes.push(activities.causes);
      return {
        ...plan,
        joining: (profiles, events) => {
          repeated += events.length;
          return plan.joining(profiles, events);
        },
        decide: (profiles, past, histories, fresh) => {
          repeated -= fresh.length;
          return plan.decide(profiles, past, histories, fresh);
        },
      };
    });
    measureDone(causes.flat(), Date.now());
    countDuplicates(repeated);
  }
}
