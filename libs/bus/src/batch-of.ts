import type { Topic } from '@tidings/contracts';
import type { Static, TSchema } from 'typebox';
import type { Batch, Envelope, Position } from './batch.js';

/** What a test wants otherwise than the defaults. */
export interface BatchOverrides {
  readonly position?: Partial<Position>;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly traceparent?: string | null;
  readonly timestamp?: Date;
}

/** A batch as the bus would hand it over, so that a handler can be tested without a broker. Offsets begin at `position.from`, or 0. */
export function batchOf<S extends TSchema>(
  topic: Topic<S>,
  messages: readonly Static<S>[],
  {
    position = {},
    signal = new AbortController().signal,
    headers = {},
    traceparent = null,
    timestamp = new Date(0),
  }: BatchOverrides = {},
): Batch<Static<S>> {
  const { partition = 0, from = 0 } = position;
  const envelopes = messages.map(
    (value, index): Envelope<Static<S>> => ({
      value, key: topic.key(value), topic: topic.name, partition, offset: from + index, timestamp, headers, traceparent,
    }), // prettier-ignore
  );
  return {
    messages: envelopes,
    positions: [
      { schema: 'test', consumer: 'test', topic: topic.name, partition, from, to: from + messages.length, ...position },
    ],
    signal,
  };
}
