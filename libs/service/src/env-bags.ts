import Type, { type Static, type TObject, type TProperties } from 'typebox';

const port = (preset: number) =>
  Type.Integer({
    default: preset,
    minimum: 0,
    maximum: 65_535,
    description: 'a port from 0 to 65535 (0 chooses a free one)',
  });

/** How to reach Kafka, and how topics are created. */
export const kafkaEnv = {
  KAFKA_BROKERS: Type.String({
    pattern: '^[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*$',
    description: 'the addresses of Kafka brokers as host:port, joined by commas',
  }),
  KAFKA_SSL: Type.Boolean({ default: false }),
  KAFKA_SASL_MECHANISM: Type.Optional(Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512'])),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String()),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String()),
  KAFKA_TOPIC_PREFIX: Type.String({
    default: 'tidings.',
    pattern: '^[A-Za-z0-9._-]{0,100}$',
    description: 'letters, digits, dots, hyphens and underscores that every topic name begins with',
  }),
  KAFKA_PARTITIONS: Type.Integer({ default: 6, minimum: 1, maximum: 1000 }),
  KAFKA_REPLICATION_FACTOR: Type.Integer({ default: 1, minimum: 1, maximum: 9 }),
} as const;

/** How to reach Postgres, and who migrates it. */
export const postgresEnv = {
  DATABASE_URL: Type.String({
    pattern: '^postgres(ql)?://\\S+$',
    description: 'a Postgres address such as postgres://user@host:5432/tidings',
  }),
  DATABASE_POOL_SIZE: Type.Integer({ default: 10, minimum: 1, maximum: 500 }),
  /** Migrate and create topics at every start, before anything else; otherwise `node main.js migrate` does it. */
  MIGRATE_ON_START: Type.Boolean({ default: false }),
} as const;

/** Where the process listens, how it logs, and how it leaves. */
export const httpEnv = {
  HTTP_PORT: port(3000),
  ADMIN_PORT: port(3001),
  /** A file that the ports in use are written to as JSON, for those who let the system choose. */
  PORTS_FILE: Type.Optional(Type.String()),
  /** How long to go on answering after SIGTERM, until load balancers have heard of it. */
  SHUTDOWN_DELAY_MS: Type.Integer({ default: 0, minimum: 0, maximum: 60_000 }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' }),
} as const;

/** What links and sealed credentials are made with. */
export const securityEnv = {
  MASTER_KEY: Type.String({
    minLength: 32,
    description: 'at least 32 characters that nobody can guess (several, joined by commas: the first seals, all open)',
  }),
  PUBLIC_URL: Type.String({
    default: 'http://localhost:3000',
    pattern: '^https?://[^\\s?#]+$',
    description: 'the http(s) address that links in messages begin with',
  }),
} as const;

type Of<P extends TProperties> = Static<TObject<P>>;

/** The settings that `serve` itself acts on: the bags `kafkaEnv`, `httpEnv` and, for an app with tables, `postgresEnv`. */
export type ServiceConfig = Of<typeof kafkaEnv> & Of<typeof httpEnv> & Partial<Of<typeof postgresEnv>>;
