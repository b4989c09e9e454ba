import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaPublisher, outgoing } from '@tidings/bus';
import { definitions, events, type Scope } from '@tidings/contracts';
import { newKey } from '@tidings/service';
import { ServiceProcess } from '../../harness/service-process.js';
import { given } from '../measure/settings.js';
import { brokers, newPrefix, PARTITIONS } from './kafka.js';
import { profileEnv } from './profile-env.js';
import type { Closing } from './run.js';

/** The built ingest, alone: the rest of Tidings would only use the cores that are being measured. */
export interface IngestService {
  readonly port: number;
  readonly pid: number | undefined;
  readonly authorization: string;
  /** A key for what a browser must not do, such as imports. */
  readonly secretKey: string;
  /** The topic of accepted events, with its prefix. */
  readonly topic: string;
}

/** Starts it with a workspace and a write key, as the api service would have published them. */
export async function startIngest(closing: Closing): Promise<IngestService> {
  const prefix = newPrefix();
  const folder = mkdtempSync(join(tmpdir(), 'tidings-bench-'));
  closing.add(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    KAFKA_BROKERS: given('TEST_KAFKA_BROKERS'),
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_PARTITIONS: String(PARTITIONS),
    MASTER_KEY: 'a master key for benchmarks that is long enough',
    LOG_LEVEL: 'info',
    // A load test is one key; the limits are there to stop exactly this.
    RATE_LIMIT_PER_KEY: '10000000',
    RATE_LIMIT_PER_WORKSPACE: '10000000',
  };
  const migration = new ServiceProcess({ name: 'migrate', app: 'ingest', folder, env });
  await migration.start(['migrate']);
  if ((await migration.untilEnded()).code !== 0)
    throw new Error(`the topics could not be made\n${migration.logTail()}`);
  const { write, secret } = await publishKeys(prefix);
  const service = new ServiceProcess({ name: 'ingest', app: 'ingest', folder, env: { ...env, ...profileEnv() } });
  await service.start();
  closing.add(() => service.stop());
  await service.untilReady();
  return {
    port: Number(new URL(service.url).port),
    pid: service.pid,
    authorization: `Basic ${Buffer.from(`${write}:`).toString('base64')}`,
    secretKey: secret,
    topic: prefix + events.name,
  };
}

async function publishKeys(topicPrefix: string): Promise<Readonly<Record<'write' | 'secret', string>>> {
  const [write, secret] = [newKey('write'), newKey('secret')];
  const at = new Date().toISOString();
  const publisher = new KafkaPublisher({
    kafka: { brokers: brokers(), ssl: false, sasl: null, topicPrefix, clientId: 'bench' },
  });
  await publisher.connect();
  const record = { v: 1, workspace: 'demo', version: 1, status: 'published', publishedAt: at } as const;
  const keyRecord = ({ keyId, type, hash }: ReturnType<typeof newKey>, scopes: readonly Scope[]) =>
    outgoing(definitions, { ...record, kind: 'key', id: keyId, body: { id: keyId, type, name: 'bench', hash, scopes: [...scopes], createdAt: at, revokedAt: null } });
  await publisher.publish([
    outgoing(definitions, { ...record, kind: 'workspace', id: 'demo', body: { id: 'demo', consentModel: 'opt-out' } }),
    keyRecord(write, ['ingest']),
    keyRecord(secret, ['ingest', 'write']),
  ]);
  await publisher.close();
  return { write: write.text, secret: secret.text };
}
