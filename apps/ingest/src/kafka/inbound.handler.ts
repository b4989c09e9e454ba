import { Controller } from '@nestjs/common';
import { Consumes, outgoing, Publisher, type Outgoing, type RawBatch } from '@tidings/bus';
import { events, inbound } from '@tidings/contracts';
import { countEvents } from '../ingest-metrics.js';
import { IngestSettings } from '../ingest.settings.js';
import { refusedRecord } from '../refused-event.js';
import { RedrivenRecords } from '../source/redriven-records.js';
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
    private readonly redriven: RedrivenRecords,
  ) {}

  @Consumes(inbound, { group: 'ingest', schema: '', positions: 'committed', raw: true })
  async handle({ messages, signal }: RawBatch): Promise<void> {
    const now = new Date();
    const redriven = await this.redriven.take(messages, signal);
    let accepted = 0;
    const own = redriven === null ? messages : messages.filter((record) => !redriven.records.has(record));
    const out = own.map((record): Outgoing => {
      const answer = acceptRecord(record, this.settings.config.INBOUND_WORKSPACE, now);
      if (answer.kind === 'refused') return refusedRecord(answer, record);
      accepted++;
      return outgoing(events, answer.event, record.traceparent);
    });
    await this.publisher.publish(redriven === null ? out : [...out, ...redriven.messages]);
    countEvents('kafka', 'accepted', accepted);
    countEvents('kafka', 'dead-letter', out.length - accepted);
  }
}
