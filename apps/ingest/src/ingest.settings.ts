import type { KafkaConfig } from '@tidings/service';
import Type, { type Static } from 'typebox';

/** The settings that are this service's own. */
export const ingestEnv = {
  /** The workspace that records of the `inbound` topic belong to. */
  INBOUND_WORKSPACE: Type.String({
    default: 'demo',
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
    description: 'the id of a workspace',
  }),
  /** Events a second that one key may send to one replica, in the long run; twice as many at once. */
  RATE_LIMIT_PER_KEY: Type.Integer({ default: 200_000, minimum: 1 }),
  RATE_LIMIT_PER_WORKSPACE: Type.Integer({ default: 400_000, minimum: 1 }),
  /** How long a call waits for the broker before it is answered 503. */
  ACK_TIMEOUT_MS: Type.Integer({ default: 5_000, minimum: 10, maximum: 60_000 }),
  /** Bytes that may wait for the broker at once; past them calls are answered 503 unread. */
  MAX_PENDING_BYTES: Type.Integer({ default: 24 * 1024 * 1024, minimum: 4 * 1024 * 1024 }),
  /** How long a recipient who follows a link is kept waiting for the click to be durable. */
  LINK_WAIT_MS: Type.Integer({ default: 500, minimum: 0, maximum: 10_000 }),
  /** The topics of the cluster that sources may read; never those of this installation. */
  SOURCE_TOPICS: Type.String({
    default: '*',
    pattern: '^[A-Za-z0-9._*-]+( *, *[A-Za-z0-9._*-]+)*$',
    description: 'names of topics, or beginnings of names with * at their end, joined by commas',
  }),
} as const;

/** The service's own settings, and the shared ones that it acts on itself. */
export type IngestConfig = Static<Type.TObject<typeof ingestEnv>> & KafkaConfig & { readonly MASTER_KEY: string };

/** The settings as the service's parts are given them. */
export abstract class IngestSettings {
  abstract readonly config: IngestConfig;
}
