import Type from 'typebox';
import { topic } from '../topic.js';

/** Headers of a dead letter; the value is the original bytes under the original key. */
export const deadLetterHeaders = {
  reason: 'reason',
  errorClass: 'error-class',
  consumer: 'consumer',
  sourceTopic: 'source-topic',
  sourcePartition: 'source-partition',
  sourceOffset: 'source-offset',
  attempts: 'attempts',
} as const;

/** What could not be handled, byte for byte, with the reason in its headers. Readers key on topic, partition, offset. */
export const deadLetters = topic({
  name: 'dead-letters',
  description:
    'Messages that could not be handled: original key and bytes; headers reason, error-class, consumer, source-topic, source-partition, source-offset, attempts.',
  schema: Type.Unknown(),
  key: () => '',
});
