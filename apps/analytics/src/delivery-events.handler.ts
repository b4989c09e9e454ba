import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { deliveryEvents, type DeliveryEvent } from '@tidings/contracts';
import { ofDelivery } from './messages/happening.js';
import { MessagesStore } from './messages/messages.store.js';
import { LINGER_MS } from './linger.js';

/** What dispatchers did in; messages with what became of them out. */
@Controller()
export class DeliveryEventsHandler {
  constructor(private readonly messages: MessagesStore) {}

  @Consumes(deliveryEvents, { group: 'analytics', schema: 'analytics', lingerMs: LINGER_MS })
  async handle({ messages, position }: Batch<DeliveryEvent>): Promise<void> {
    const deliveries = messages.map(({ value }) => value);
    await this.messages.hear(position, {
      workspaces: [...new Set(deliveries.map(({ workspace }) => workspace))],
      facts: [],
      happenings: deliveries.map(ofDelivery),
    });
  }
}
