import { deadLetterHeaders, deadLetters } from '@tidings/contracts';
import { rawOutgoing, type Outgoing } from './publisher.js';
import type { Reason } from './reason.js';

/** A message that could not be handled, as it was read. */
export interface Unhandled {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | string;
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly traceparent?: string | null;
}

/** Who gave up on it, after how many attempts. */
export interface GivenUp extends Reason {
  readonly consumer: string;
  readonly attempts: number;
}

/**
 * The dead letter of a message: its bytes under its key, its own headers, and ours that say what happened. For
 * handlers that read raw bytes and refuse some; the bus makes the others itself.
 */
export function deadLetter(message: Unhandled, { reason, errorClass, consumer, attempts }: GivenUp): Outgoing {
  const { traceparent: _, ...own } = message.headers;
  return rawOutgoing({
    topic: deadLetters.name,
    key: message.key,
    value: message.value,
    traceparent: message.traceparent ?? message.headers['traceparent'] ?? null,
    headers: {
      ...own,
      [deadLetterHeaders.reason]: reason,
      [deadLetterHeaders.errorClass]: errorClass,
      [deadLetterHeaders.consumer]: consumer,
      [deadLetterHeaders.sourceTopic]: message.topic,
      [deadLetterHeaders.sourcePartition]: String(message.partition),
      [deadLetterHeaders.sourceOffset]: String(message.offset),
      [deadLetterHeaders.attempts]: String(attempts),
    },
  });
}
