import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { outgoing } from '@tidings/bus';
import { events, type ReceiptKind } from '@tidings/contracts';
import { logger, readTrackingToken, type TrackingToken } from '@tidings/service';
import { AckGate } from '../ack-gate.js';
import { countEvents } from '../ingest-metrics.js';
import { IngestSettings } from '../ingest.settings.js';
import { receiptEvent } from '../receipt-event.js';

const log = logger('recipient-door');

/** What recipients do with messages: every link was made by a dispatcher and names the message, the profile and nothing readable. */
@Injectable()
export class RecipientDoor {
  constructor(
    private readonly gate: AckGate,
    private readonly settings: IngestSettings,
  ) {}

  /** The message behind a link, or null for a link that we did not make for this purpose. */
  read(purpose: 'click' | 'open' | 'unsubscribe', token: string): TrackingToken | null {
    return readTrackingToken(this.settings.config.MASTER_KEY, purpose, token);
  }

  /**
   * Publishes that a message was opened or a link followed, and waits for it a moment at most: a recipient must not
   * suffer from our broker, so an event that is not durable by then may be lost, and is counted.
   */
  async noted(kind: 'opened' | 'clicked', message: TrackingToken): Promise<void> {
    const waited = sleep(this.settings.config.LINK_WAIT_MS, false as const, { ref: false });
    const saved = this.saved(kind, message).catch((error: unknown) => {
      log.error({ err: error }, 'a receipt could not be published');
      return false;
    });
    await Promise.race([saved, waited]);
  }

  /** Publishes what a recipient did, and says whether it is durable. */
  async saved(kind: ReceiptKind, message: TrackingToken): Promise<boolean> {
    const now = new Date();
    const properties = kind === 'clicked' && message.u ? { url: message.u } : {};
    const event = receiptEvent({ kind, source: 'recipient', message, happenedAt: now, properties }, now);
    const durable = (await this.gate.publish([outgoing(events, event)])) === 'acked';
    countEvents('recipient', durable ? 'accepted' : 'unavailable');
    return durable;
  }
}
