import type { Topic } from '@tidings/contracts';
import type { Static, TSchema } from 'typebox';

/** A message on its way to a topic, with the trace it belongs to; `topic` is without the installation's prefix. */
export interface Outgoing {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly traceparent: string | null;
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** A message for a topic: key and bytes are made here, from the topic's contract. */
export function outgoing<S extends TSchema>(
  topic: Topic<S>,
  message: Static<S>,
  traceparent: string | null = null,
): Outgoing {
  return {
    topic: topic.name,
    key: topic.key(message),
    value: JSON.stringify(message),
    headers: noHeaders,
    traceparent,
  };
}

/** Bytes as they are, for a topic by name: dead letters, redrive, tombstones (a null value). */
export function rawOutgoing(
  raw: Pick<Outgoing, 'topic' | 'key' | 'value'> & Partial<Pick<Outgoing, 'headers' | 'traceparent'>>,
): Outgoing {
  return {
    topic: raw.topic,
    key: raw.key,
    value: raw.value,
    headers: raw.headers ?? noHeaders,
    traceparent: raw.traceparent ?? null,
  };
}

/** Puts messages on topics. */
export abstract class Publisher {
  /**
   * Resolves when the broker has every message durably. Rejects with `InfrastructureError` when it would not within
   * the deadline (it may still have some), and with `MessageTooLarge` for a message that no broker would ever take.
   */
  abstract publish(messages: readonly Outgoing[]): Promise<void>;
}
