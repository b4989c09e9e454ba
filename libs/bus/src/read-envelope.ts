import type { Envelope } from './batch.js';
import { headersOf, keyOf, type KafkaRecord } from './kafka-record.js';

/**
 * A record that was read. What handlers seldom look at (key, headers, time) is made when they do: for half a million
 * messages a second that is a tenth of the time.
 */
export class ReadEnvelope<T> implements Envelope<T> {
  readonly offset: number;

  constructor(
    private readonly record: KafkaRecord,
    readonly topic: string,
    readonly partition: number,
    readonly value: T,
    /** The span that handles the message, when there is one. */
    private readonly span: string | null = null,
  ) {
    this.offset = Number(record.offset);
  }

  get key(): string | null {
    return keyOf(this.record);
  }

  get timestamp(): Date {
    return new Date(Number(this.record.timestamp));
  }

  get headers(): Readonly<Record<string, string>> {
    return headersOf(this.record);
  }

  get traceparent(): string | null {
    return this.span ?? this.headers['traceparent'] ?? null;
  }

  /** The same message, continued by a span of ours. */
  within(span: string): ReadEnvelope<T> {
    return new ReadEnvelope(this.record, this.topic, this.partition, this.value, span);
  }
}
