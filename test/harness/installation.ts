import { mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKey } from '@tidings/service';
import pg from 'pg';
import type { Ending } from './guard.js';
import { ServiceProcess } from './service-process.js';

/** One process with everything in it, or each service in processes of its own. */
export type Form = 'standalone' | 'services';

/** What a test wants otherwise. */
export interface InstallationOptions {
  readonly form: Form;
  /** Only these of the services, where a test needs no others. */
  readonly apps?: readonly (typeof services)[number][];
  /** Processes per service; 1. */
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A Kafka and a Postgres of the test's own, where it means to hurt them. */
  readonly kafkaBrokers?: string;
  readonly postgresUrl?: string;
}

const services = ['ingest', 'segmentation', 'orchestrator', 'dispatcher-push', 'dispatcher-email', 'analytics', 'api'] as const;

/** Which service answers a path (docs/adr/0008): the first pattern that fits. */
const routes: readonly (readonly [RegExp, (typeof services)[number]])[] = [
  [/^\/(v1|hooks|l|o|u)\//, 'ingest'],
  [/^\/api\/v1\/journeys\/[^/]+\/runs/, 'ingest'],
  [/^\/api\/v1\/(sources|imports)/, 'ingest'],
  [/^\/api\/v1\/profiles\/[^/]+\/runs/, 'orchestrator'],
  [/^\/api\/v1\/profiles\/[^/]+\/timeline/, 'analytics'],
  [/^\/api\/v1\/(profiles|segments|groups)/, 'segmentation'],
  [/^\/api\/v1\/(decisions|analytics)/, 'analytics'],
  [/^\/api\/v1\/(deliveries|suppressions)\/push/, 'dispatcher-push'],
  [/^\/api\/v1\/(deliveries|suppressions)\/email/, 'dispatcher-email'],
  [/^\//, 'api'],
];

/** A whole Tidings of a test's own: its database, its topics, its processes. */
export class Installation {
  readonly writeKey = newKey('write').text;
  readonly secretKey = newKey('secret').text;
  readonly topicPrefix = `test-${randomUUID().slice(0, 8)}.`;
  readonly kafkaBrokers: string;
  readonly processes: readonly ServiceProcess[];
  private readonly database = `e2e_${randomUUID().replaceAll('-', '')}`;
  private readonly folder = mkdtempSync(join(tmpdir(), 'tidings-e2e-'));
  private readonly server: string;

  private constructor(private readonly options: InstallationOptions) {
    this.kafkaBrokers = options.kafkaBrokers ?? needed('TEST_KAFKA_BROKERS');
    this.server = options.postgresUrl ?? needed('TEST_DATABASE_URL');
    const names = options.form === 'standalone' ? ['standalone'] : (options.apps ?? services).flatMap((app) => replicasOf(app, options.replicas ?? 1));
    this.processes = names.map((name) => new ServiceProcess({ name, app: name.replace(/-\d+$/, ''), folder: this.folder, env: this.environment() }));
  }

  /** Makes the database, migrates, starts every process and resolves when all are ready. */
  static async start(options: InstallationOptions): Promise<Installation> {
    const installation = new Installation(options);
    try {
      await installation.comeUp();
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  /** The process that answers a path: the first replica of its service that listens. */
  urlOf(path: string): string {
    const app = this.options.form === 'standalone' ? 'standalone' : routes.find(([pattern]) => pattern.test(path))?.[1];
    const process = this.processes.find((candidate) => candidate.plan.app === app && candidate.listens);
    if (process === undefined) throw new Error(`no process answers ${path}`);
    return `${process.url}${path}`;
  }

  /** Calls the API with the secret key; throws with the answer when it is not 2xx. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.urlOf(path), {
      method,
      headers: { authorization: `Bearer ${this.secretKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** Sends a Segment call with the write key. */
  segment(call: string, body: unknown): Promise<Response> {
    return fetch(this.urlOf(`/v1/${call}`), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${this.writeKey}:`).toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** The address of the installation's database, as a superuser. */
  get databaseUrl(): string {
    const url = new URL(this.server);
    url.pathname = `/${this.database}`;
    return url.toString();
  }

  /** The processes of a service. */
  of(app: string): readonly ServiceProcess[] {
    return this.processes.filter(({ plan }) => plan.app === app);
  }

  /** Stops every process and removes the database; answers how each ended. */
  async stop(): Promise<ReadonlyMap<string, Ending>> {
    const endings = await Promise.all(this.processes.map(async (process) => [process.plan.name, await process.stop()] as const));
    await this.asAdmin(`drop database if exists ${this.database} with (force)`);
    rmSync(this.folder, { recursive: true, force: true });
    return new Map(endings);
  }

  /** The ends of all logs, for a test that failed; all of them with as many `lines` as you like. */
  logs(lines?: number): string {
    return this.processes.map((process) => `--- ${process.plan.name}\n${process.logTail(lines)}`).join('\n');
  }

  private async comeUp(): Promise<void> {
    await this.asAdmin(`create database ${this.database}`);
    await this.migrate();
    await Promise.all(this.processes.map((process) => start(process)));
  }

  private async migrate(): Promise<void> {
    const apps = new Set(this.processes.map(({ plan }) => plan.app));
    for (const app of apps) {
      const process = new ServiceProcess({ name: `migrate-${app}`, app, folder: this.folder, env: this.environment() });
      await process.start(['migrate']);
      const { code } = await process.untilEnded();
      if (code !== 0) throw new Error(`migration of ${app} ended with ${code}\n${process.logTail()}`);
    }
  }

  private environment(): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      DATABASE_POOL_SIZE: '6',
      KAFKA_BROKERS: this.kafkaBrokers,
      KAFKA_TOPIC_PREFIX: this.topicPrefix,
      MASTER_KEY: 'a master key for tests that is long enough',
      BOOTSTRAP_WORKSPACE: 'demo',
      BOOTSTRAP_WRITE_KEY: this.writeKey,
      BOOTSTRAP_SECRET_KEY: this.secretKey,
      LOG_LEVEL: 'info',
      ...this.options.env,
    };
  }

  private async asAdmin(sql: string): Promise<void> {
    const admin = new pg.Client({ connectionString: this.server });
    await admin.connect();
    await admin.query(sql).finally(() => admin.end());
  }
}

/** One that ends because a broker has only just begun is started again, as a container runtime does. */
async function start(process: ServiceProcess): Promise<void> {
  await process.start();
  await process.untilReady().catch(async (error: unknown) => {
    if (process.running) throw error;
    await process.start();
    await process.untilReady();
  });
}

function replicasOf(app: string, replicas: number): string[] {
  return replicas === 1 ? [app] : Array.from({ length: replicas }, (_, index) => `${app}-${index + 1}`);
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run by \`npm test\` or \`node tools/with-services.mjs <command>\``);
  return value;
}
