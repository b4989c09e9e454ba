import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Publisher, type Outgoing } from '@tidings/bus';
import type { DefinitionRecord } from '@tidings/contracts';
import { Catalog, httpAdapter, newKey, Pollers, Shutdown, useHttpConventions } from '@tidings/service';
import { recordingPublisher, type RecordingPublisher } from '@tidings/testing';
import { IngestModule } from './ingest.module.js';
import type { IngestConfig } from './ingest.settings.js';

const record = {
  v: 1,
  workspace: 'demo',
  version: 1,
  status: 'published',
  publishedAt: '2026-01-01T00:00:00.000Z',
} as const;

/** The write key and the secret key that the app of a spec knows, and one it does not. */
export const keys = { write: newKey('write'), secret: newKey('secret'), unknown: newKey('write') };

const keyRecord = ({ keyId, type, hash }: typeof keys.write): DefinitionRecord => ({
  ...record,
  kind: 'key',
  id: keyId,
  body: {
    id: keyId,
    type,
    name: 'spec',
    hash,
    scopes: type === 'secret' ? ['read', 'write'] : ['ingest'],
    createdAt: record.publishedAt,
    revokedAt: null,
  },
});

const basics: readonly DefinitionRecord[] = [
  { ...record, kind: 'workspace', id: 'demo', body: { id: 'demo', consentModel: 'opt-out' } },
  keyRecord(keys.write),
  keyRecord(keys.secret),
];

/** Settings with which a spec need not wait. */
export const specConfig: IngestConfig = {
  MASTER_KEY: 'a master key for specs, longer than needed',
  INBOUND_WORKSPACE: 'demo',
  RATE_LIMIT_PER_KEY: 200_000,
  RATE_LIMIT_PER_WORKSPACE: 400_000,
  ACK_TIMEOUT_MS: 200,
  MAX_PENDING_BYTES: 4 * 1024 * 1024,
  LINK_WAIT_MS: 100,
  SOURCE_TOPICS: '*',
  KAFKA_BROKERS: '127.0.0.1:1',
  KAFKA_SSL: false,
  KAFKA_TOPIC_PREFIX: 'tidings.',
};

/** What an app is started with in a spec. */
export interface SpecApp {
  readonly publisher: Publisher;
  readonly config?: Partial<IngestConfig>;
  readonly definitions?: readonly DefinitionRecord[];
}

/** The real service, as `serve` would wire it, on a free port, with a publisher and definitions of the spec's. */
export async function startApp({
  publisher,
  config = {},
  definitions = [],
}: SpecApp): Promise<{ app: NestFastifyApplication; url: string }> {
  const catalog = Catalog.of([...basics, ...definitions]);
  const given = [
    { provide: Publisher, useValue: publisher },
    { provide: Catalog, useValue: catalog },
    { provide: Pollers, useValue: new Pollers() },
    { provide: Shutdown, useValue: new Shutdown() },
  ];
  const platform = { module: PlatformOfSpec, global: true, providers: given, exports: given };
  const root = { module: Root, imports: [platform, IngestModule.with({ ...specConfig, ...config })] };
  const app = await NestFactory.create<NestFastifyApplication>(root, httpAdapter(), { logger: false });
  useHttpConventions(app, catalog);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

/** The service of a spec file, while its specs run. */
export interface AppOfSpec {
  readonly publisher: RecordingPublisher;
  readonly url: string;
}

/** Starts the service before the specs of a file and ends it after them; each begins with nothing published. */
export function appOfSpec(options: Omit<SpecApp, 'publisher'> = {}): AppOfSpec {
  const publisher = recordingPublisher();
  const started = { publisher, url: '' };
  let app: NestFastifyApplication;
  beforeAll(async () => {
    ({ app, url: started.url } = await startApp({ publisher, ...options }));
  });
  afterAll(() => app.close());
  beforeEach(() => {
    publisher.failWith(null);
    publisher.clear();
  });
  return started;
}

/** A broker that answers when the spec says so. */
export class HeldPublisher extends Publisher {
  readonly held: PromiseWithResolvers<void>[] = [];

  override publish(_messages: readonly Outgoing[]): Promise<void> {
    const held = Promise.withResolvers<void>();
    this.held.push(held);
    return held.promise;
  }
}

@Module({})
class PlatformOfSpec {}

@Module({})
class Root {}
