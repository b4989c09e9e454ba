/** How to reach a Kafka cluster, and which of its topics are ours. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: KafkaSasl | null;
  /** What every topic and group of this installation begins with, so that several can share a cluster. */
  readonly topicPrefix: string;
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
}

/** User and password for the broker. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Where the bus says what it does; fields never carry personal data. */
export type BusLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** A log that nobody reads. */
export const silent: BusLog = () => {};
