import { Controller } from '@nestjs/common';
import { Consumes, outgoing, Publisher, type Outgoing, type RawBatch } from '@tidings/bus';
import { events, inbound } from '@tidings/contracts';
import { countEvents } from '../ingest-metrics.js';
import { IngestSettings } from '../ingest.settings.js';
import { refusedRecord } from '../refused-event.js';
import { acceptRecord } from './inbound-record.js';

/**
 * The Kafka door. Each record becomes an event or a dead letter; the position goes on only after the broker has all
 * of the batch, so a record that Kafka took from the app is never lost and at worst accepted twice, under the same id.
 */
@Controller()
export class InboundHandler {
  constructor(
    private readonly publisher: Publisher,
    private readonly settings: IngestSettings,
  ) {}

  @Consumes(inbound, { group: 'ingest', schema: '', positions: 'committed', raw: true })
  async handle({ messages }: RawBatch): Promise<void> {
    const now = new Date();
    let accepted = 0;
    const out = messages.map((record): Outgoing => {
      const answer = acceptRecord(record, this.settings.config.INBOUND_WORKSPACE, now);
      if (answer.kind === 'refused') return refusedRecord(answer, record);
      accepted++;
      return outgoing(events, answer.event, record.traceparent);
    });
    await this.publisher.publish(out);
    countEvents('kafka', 'accepted', accepted);
    countEvents('kafka', 'dead-letter', out.length - accepted);
  }
}
