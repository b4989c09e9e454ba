import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { deliveryEvents, type DeliveryEvent } from '@tidings/contracts';
import { Follower } from './follower.js';
import { sentEvent } from './heard-event.js';
import { SentStore } from './sent.store.js';

/** Nobody waits for it as they do for what people did: many at a time, few transactions, one after the other. */
const LINGER_MS = 250;
const MOST_MESSAGES = 1_000;

/** What dispatchers did in; that messages were sent into history, and segments that ask for it entered and left. */
@Controller()
export class SentHandler {
  constructor(
    private readonly follower: Follower,
    private readonly store: SentStore,
  ) {}

  @Consumes(deliveryEvents, { group: 'segmentation', schema: 'segmentation', lingerMs: LINGER_MS, maxBatch: MOST_MESSAGES, concurrency: 1 })
  async handle({ messages, positions }: Batch<DeliveryEvent>): Promise<void> {
    const now = new Date();
    const sent = messages
      .filter(({ value }) => value.kind === 'sent')
      .map((envelope) => ({ ...envelope, value: sentEvent(envelope.value) }));
    await this.store.change(sent, positions, now, this.follower.throughSent(now).plan);
  }
}
