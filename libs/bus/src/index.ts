/**
 * Moves batches between Kafka and handlers and says when work is done. Knows the Kafka client; knows
 * nothing of what messages mean.
 */
export { Backlog, BACKLOG_TOLERANCE_MS, type BehindPartition, type Due, type Hop } from './backlog.js';
export * from './batch.js';
export * from './batch-of.js';
export { Consumes, type ConsumesOptions } from './consumes.js';
export { CustomerTopics, type CustomerTopic, type Following, type PartitionLag } from './customer-topics.js';
export { deadLetter, type GivenUp, type Unhandled } from './dead-letter.js';
export type { BusHealth, ConsumerHealth, PartitionHealth } from './health.js';
export * from './infrastructure-error.js';
export { KafkaBacklog } from './kafka-backlog.js';
export { KafkaBatchStrategy, kafkaGroupId, type KafkaBatchOptions } from './kafka-batch-strategy.js';
export * from './kafka-publisher.js';
export type { BusLog, KafkaSasl, KafkaSettings } from './kafka-settings.js';
export * from './position-store.js';
export * from './publisher.js';
export { retrying, type Patience } from './retrying.js';
export { TopicAdmin, type TopicShape } from './topic-admin.js';
export { TopicReader, type TopicReaderOptions, type TopicRecord } from './topic-reader.js';
