import './fast-fetch.js';
import './fast-produce.js';
import './spin-fix.js';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import kafkajs from 'kafkajs';
import type { Kafka, KafkaConfig, LogEntry, SASLOptions } from 'kafkajs';
import { InfrastructureError } from './infrastructure-error.js';
import type { BusLog, KafkaSasl, KafkaSettings } from './kafka-settings.js';

const { CompressionCodecs, CompressionTypes, Kafka: KafkaClient, logLevel } = kafkajs;
const compress = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);

// gzip is built in; zstd is what other producers choose. lz4 and snappy never reach us: see topic-admin.ts.
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer),
  decompress: (buffer: Buffer) => decompress(buffer),
});

/** Short waits and few: outages are waited out by the bus itself, which knows what must not happen meanwhile. */
export const clientRetry = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  retries: 4,
  factor: 0.2,
  multiplier: 2,
} as const;

/** The client for a cluster; it connects when its producer, consumer or admin does. */
export function kafkaClient(settings: KafkaSettings, log: BusLog): Kafka {
  const config: KafkaConfig = {
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ssl: settings.ssl,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: clientRetry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logEntry(entry, log),
  };
  return new KafkaClient(settings.sasl ? { ...config, sasl: saslOptions(settings.sasl) } : config);
}

function saslOptions({ mechanism, username, password }: KafkaSasl): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

/** kafkajs calls an error what it retries a moment later; what matters of it the bus says itself. */
function logEntry({ namespace, log: { message, groupId } }: LogEntry, log: BusLog): void {
  log('debug', `kafkajs: ${message}`, { namespace, ...(groupId ? { groupId: String(groupId) } : {}) });
}

/** Whatever kafkajs threw, as trouble that may pass. */
export function asInfrastructureError(what: string, error: unknown): InfrastructureError {
  if (error instanceof InfrastructureError) return error;
  return new InfrastructureError(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

/** The protocol's name of an error, from kafkajs' error or what caused it; empty when it has none. */
export function protocolError(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string') return at.type;
  }
  return '';
}
