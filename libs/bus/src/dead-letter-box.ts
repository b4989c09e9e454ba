import { deadLetter } from './dead-letter.js';
import type { Unreadable } from './decode.js';
import { MessageTooLarge } from './infrastructure-error.js';
import { headersOf, keyOf, type KafkaRecord, type Piece } from './kafka-record.js';
import type { BusLog } from './kafka-settings.js';
import type { Publisher } from './publisher.js';
import { placeOf, reasonOf, type Reason } from './reason.js';

/** What the box is made of. */
export interface DeadLetterBoxParts {
  readonly consumer: string;
  readonly publisher: Publisher;
  readonly log: BusLog;
  readonly count: (topic: string, letters: number) => void;
}

/** Where one consumer puts what it could not handle. A letter may be put twice around a crash: readers key on topic, partition, offset. */
export class DeadLetterBox {
  constructor(private readonly parts: DeadLetterBoxParts) {}

  /** Messages that no handler saw. */
  async putUnreadable(piece: Piece, unreadable: readonly Unreadable[]): Promise<void> {
    for (const { record, ...reason } of unreadable) await this.put(piece, record, { ...reason, attempts: 0 }, '');
  }

  /** A message that a handler failed on, in company and alone. */
  async putFailed(piece: Piece, record: KafkaRecord, error: unknown): Promise<void> {
    await this.put(piece, record, { ...reasonOf(error), attempts: 2 }, placeOf(error));
  }

  private async put(
    piece: Piece,
    record: KafkaRecord,
    why: Reason & { readonly attempts: number },
    at: string,
  ): Promise<void> {
    const { consumer, publisher, log, count } = this.parts;
    const { topic, partition } = piece;
    const unhandled = {
      topic,
      partition,
      offset: record.offset,
      key: keyOf(record),
      value: record.value,
      headers: headersOf(record),
    };
    const givenUp = { ...why, consumer };
    try {
      await publisher.publish([deadLetter(unhandled, givenUp)]);
    } catch (error) {
      if (!(error instanceof MessageTooLarge)) throw error;
      // Better a letter without its content than a partition that stands still.
      const reason = `${why.reason} (the value of ${record.value?.length ?? 0} bytes is too large for a dead letter and stays on ${topic})`;
      await publisher.publish([deadLetter({ ...unhandled, value: null, headers: {} }, { ...givenUp, reason })]);
    }
    count(topic, 1);
    log('warn', 'message set aside as a dead letter', {
      consumer,
      topic,
      partition,
      offset: record.offset,
      ...why,
      ...(at ? { at } : {}),
    });
  }
}
