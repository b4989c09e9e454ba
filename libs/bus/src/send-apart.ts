import { InfrastructureError, MessageRefused, MessageTooLarge } from './infrastructure-error.js';
import type { Refusal, SendRecord } from './sender.js';

/**
 * The parts of a refused send to be tried each for itself: by partition, as the broker accepts or refuses them; within one
 * partition in halves. One part when it cannot be divided: it is what the broker refuses.
 */
export function apart<R extends SendRecord>(records: readonly R[], why: Refusal): readonly (readonly R[])[] {
  const groups = [
    ...Map.groupBy(records, ({ topic, partition }) => (why === 'no-topic' ? topic : `${topic}/${partition}`)).values(),
  ];
  if (groups.length > 1 || records.length < 2 || why === 'no-topic') return groups;
  const half = Math.ceil(records.length / 2);
  return [records.slice(0, half), records.slice(half)];
}

/** What its publisher is told about a refused record. */
export function refused({ topic, bytes }: { readonly topic: string; readonly bytes: number }, why: Refusal): Error {
  switch (why) {
    case 'too-large':
      return new MessageTooLarge(`a message of ${bytes} bytes is too large for topic ${topic}`);
    case 'invalid':
      return new MessageRefused(
        `topic ${topic} does not take this message, for example because it is compacted and the key is missing`,
      );
    case 'no-topic':
      return new InfrastructureError(`there is no topic ${topic}`);
  }
}
