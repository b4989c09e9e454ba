import type { ServiceConfig } from './env-bags.js';

/** The settings that say how Kafka is reached. */
export type KafkaConfig = Pick<
  ServiceConfig,
  'KAFKA_BROKERS' | 'KAFKA_SSL' | 'KAFKA_SASL_MECHANISM' | 'KAFKA_SASL_USERNAME' | 'KAFKA_SASL_PASSWORD' | 'KAFKA_TOPIC_PREFIX'
>;

/** Kafka's address, security and prefix out of the settings. */
export function kafkaSettings(config: KafkaConfig, clientId: string) {
  return {
    brokers: config.KAFKA_BROKERS.split(','),
    ssl: config.KAFKA_SSL,
    sasl: sasl(config),
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    clientId: `tidings-${clientId}`,
  };
}

function sasl({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: username,
  KAFKA_SASL_PASSWORD: password,
}: KafkaConfig) {
  if (mechanism === undefined) return null;
  if (username === undefined || password === undefined) {
    throw new Error('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD beside it');
  }
  return { mechanism, username, password };
}
