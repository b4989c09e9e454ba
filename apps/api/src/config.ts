import { httpEnv, kafkaEnv, postgresEnv, readEnv, securityEnv } from '@tidings/service';
import Type, { type Static, type TProperties } from 'typebox';
import type { ApiSettings } from './api-settings.js';

/** The settings of the API beside those of every service. */
export const apiEnv = {
  /** The first workspace and its keys, made at start when they are not there. All three or none. */
  BOOTSTRAP_WORKSPACE: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: 'lower-case letters, digits and hyphens' })),
  BOOTSTRAP_WRITE_KEY: Type.Optional(Type.String()),
  BOOTSTRAP_SECRET_KEY: Type.Optional(Type.String()),
  DEFAULT_WORKSPACE: Type.String({ default: 'demo' }),
  /** A workspace whose sandbox anybody may look at: for a laptop, never for the internet. */
  SANDBOX_OPEN_WORKSPACE: Type.Optional(Type.String()),
};

const schema = Type.Object({ ...kafkaEnv, ...postgresEnv, ...httpEnv, ...securityEnv, ...apiEnv });

/** Every setting of the API service. */
export const readConfig = () => readEnv(schema);

type Settings<Bag extends TProperties> = Static<ReturnType<typeof Type.Object<Bag>>>;

/** What the settings mean to the API's own classes. */
export function apiSettings(config: Settings<typeof apiEnv> & { readonly MASTER_KEY: string; readonly KAFKA_TOPIC_PREFIX: string }): ApiSettings {
  const { BOOTSTRAP_WORKSPACE: workspace, BOOTSTRAP_WRITE_KEY: writeKey, BOOTSTRAP_SECRET_KEY: secretKey } = config;
  return {
    masterKey: config.MASTER_KEY,
    defaultWorkspace: config.DEFAULT_WORKSPACE,
    openSandbox: config.SANDBOX_OPEN_WORKSPACE ?? null,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    bootstrap: workspace && writeKey && secretKey ? { workspace, writeKey, secretKey } : null,
  };
}
