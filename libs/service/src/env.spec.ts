import { describe, expect, it } from '@jest/globals';
import Type from 'typebox';
import { parseEnv } from './env.js';
import { httpEnv, kafkaEnv, postgresEnv, securityEnv } from './env-bags.js';

const schema = Type.Object({
  ...kafkaEnv,
  ...postgresEnv,
  ...httpEnv,
  ...securityEnv,
  WAKE_POLL_MS: Type.Integer({ default: 1000, minimum: 1 }),
});
const enough = {
  KAFKA_BROKERS: 'a:9092,b:9093',
  DATABASE_URL: 'postgres://tidings@localhost:5432/tidings',
  MASTER_KEY: 'k'.repeat(44),
};

describe('readEnv', () => {
  it('fills in what is not set', () => {
    expect(parseEnv(schema, { ...enough, KAFKA_TOPIC_PREFIX: '' })).toEqual({
      kind: 'ok',
      config: {
        ...enough,
        KAFKA_SSL: false, KAFKA_TOPIC_PREFIX: 'tidings.', KAFKA_PARTITIONS: 6, KAFKA_REPLICATION_FACTOR: 1,
        DATABASE_POOL_SIZE: 10, MIGRATE_ON_START: false,
        HTTP_PORT: 3000, ADMIN_PORT: 3001, SHUTDOWN_DELAY_MS: 0, LOG_LEVEL: 'info',
        PUBLIC_URL: 'http://localhost:3000', WAKE_POLL_MS: 1000,
      }, // prettier-ignore
    });
  });

  it('turns texts into numbers and booleans, port 0 among them', () => {
    const parsed = parseEnv(schema, {
      ...enough,
      HTTP_PORT: '0',
      MIGRATE_ON_START: '1',
      KAFKA_SSL: 'TRUE',
      WAKE_POLL_MS: ' 50 ',
    });
    expect(parsed).toMatchObject({
      kind: 'ok',
      config: { HTTP_PORT: 0, MIGRATE_ON_START: true, KAFKA_SSL: true, WAKE_POLL_MS: 50 },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'a port that is a word',
      { HTTP_PORT: 'http' },
      'HTTP_PORT must be a port from 0 to 65535 (0 chooses a free one), but it is "http".',
    ],
    [
      'a port that is none',
      { HTTP_PORT: '65536' },
      'HTTP_PORT must be a port from 0 to 65535 (0 chooses a free one), but it is "65536".',
    ],
    ['a fraction', { WAKE_POLL_MS: '1.5' }, 'WAKE_POLL_MS must be a whole number of at least 1, but it is "1.5".'],
    [
      'a number out of bounds',
      { KAFKA_PARTITIONS: '0' },
      'KAFKA_PARTITIONS must be a whole number of at least 1 and of at most 1000, but it is "0".',
    ],
    ['a boolean that is none', { KAFKA_SSL: 'yes' }, 'KAFKA_SSL must be true or false, but it is "yes".'],
    [
      'a choice that is none',
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, but it is "loud".',
    ],
    [
      'brokers without a port',
      { KAFKA_BROKERS: 'kafka' },
      'KAFKA_BROKERS must be the addresses of Kafka brokers as host:port, joined by commas.',
    ],
    [
      'nothing where something is needed',
      { KAFKA_BROKERS: ' ' },
      'KAFKA_BROKERS is not set: it must be the addresses of Kafka brokers as host:port, joined by commas.',
    ],
  ])('refuses %s and names it', (_, env, sentence) => {
    expect(parseEnv(schema, { ...enough, ...env })).toEqual({ kind: 'bad', sentences: [sentence] });
  });

  it('never repeats a text, which may carry a password', () => {
    const parsed = parseEnv(schema, { ...enough, DATABASE_URL: 'mysql://root:hunter2@db/x', MASTER_KEY: 'hunter2' });
    expect(parsed.kind === 'bad' && parsed.sentences).toHaveLength(2);
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});
