import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { KafkaPublisher, outgoing } from '@tidings/bus';
import { definitions, events, type AcceptedEvent } from '@tidings/contracts';
import pg from 'pg';
import { newKey } from './api-key.js';
import { eventually, ProbeProcesses, type Probe } from './probe-process.fixture.js';

jest.setTimeout(90_000);

const prefix = `serve-${process.pid}-${Date.now()}.`;
const database = `serve_${process.pid}_${Date.now()}`;
const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const postgres = process.env['TEST_DATABASE_URL'] ?? '';
const databaseUrl = postgres && Object.assign(new URL(postgres), { pathname: `/${database}` }).toString();

async function ready(probe: Probe): Promise<{ http: string; admin: string }> {
  const { http, admin } = await probe.ports();
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${admin}/health/ready`)).status).toBe(200));
  return { http: `http://127.0.0.1:${http}`, admin: `http://127.0.0.1:${admin}` };
}

const event = (messageId: string): AcceptedEvent => ({
  v: 1,
  workspace: 'demo',
  profileId: 'user-1',
  messageId,
  type: 'track',
  name: 'Signed Up',
  userId: 'user-1',
  anonymousId: null,
  properties: {},
  traits: {},
  context: {},
  timestamp: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:00.000Z',
  source: 'http',
});

describe('a served process', () => {
  let publisher: KafkaPublisher | null = null;
  let probes: ProbeProcesses | null = null;
  const start = (args?: readonly string[], env?: Readonly<Record<string, string>>): Probe => {
    if (probes === null) throw new Error('the probe was not built');
    return probes.start(args, env);
  };

  beforeAll(async () => {
    if (!brokers || !postgres)
      throw new Error('this spec needs Kafka and Postgres: node tools/with-services.mjs npx nx test @tidings/service');
    probes = await ProbeProcesses.build({
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_PARTITIONS: '1',
      DATABASE_URL: databaseUrl,
    });
    await administer(`create database ${database}`);
    publisher = new KafkaPublisher({
      kafka: { brokers: brokers.split(','), ssl: false, sasl: null, topicPrefix: prefix, clientId: 'spec' },
    });
  });

  afterEach(() => probes?.kill());

  afterAll(async () => {
    await publisher?.close();
    await probes?.remove();
    if (publisher !== null) await administer(`drop database ${database} with (force)`);
  });

  it('names a bad setting and ends', async () => {
    const probe = start([], { KAFKA_BROKERS: 'nowhere', ADMIN_PORT: 'x' });
    expect(await probe.exit).toBe(1);
    expect(probe.output()).toContain(
      'KAFKA_BROKERS must be the addresses of Kafka brokers as host:port, joined by commas.\nADMIN_PORT must be a port',
    );
  });

  it('knows its commands', async () => {
    const probe = start(['migarte']);
    expect(await probe.exit).toBe(2);
    expect(probe.output()).toContain('There is no command "migarte"');
  });

  it('migrates on command, again without harm, and refuses a database that is behind', async () => {
    const migration = start(['migrate']);
    expect(await migration.exit).toBe(0);
    const again = start(['migrate']);
    expect(await again.exit).toBe(0);

    await ready(start());

    await administer(`delete from probe.migration where name = '001-seen'`, databaseUrl);
    const refused = start();
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain(
      'too old for this release: run \\"node main.js migrate\\" first (missing: probe/001-seen)',
    );
    await administer('drop table probe.seen', databaseUrl);
  });

  it('reads definitions, lets in who holds a key, handles messages, turns its clocks, and measures', async () => {
    const key = newKey('secret');
    const body = {
      id: key.keyId,
      type: key.type,
      name: 'n',
      hash: key.hash,
      scopes: ['read' as const],
      createdAt: '2026-01-01T00:00:00.000Z',
      revokedAt: null,
    };
    const probe = start([], { MIGRATE_ON_START: 'true' });
    const { http, admin } = await ready(probe);
    const headers = { authorization: `Bearer ${key.text}` };
    expect((await fetch(`${http}/seen`, { headers })).status).toBe(401);

    await publisher?.publish([
      outgoing(definitions, {
        v: 1,
        workspace: 'demo',
        kind: 'key',
        id: key.keyId,
        version: 1,
        status: 'published',
        publishedAt: '2026-01-01T00:00:00.000Z',
        body,
      }),
      outgoing(events, event('m-1')),
      outgoing(events, event('m-2')),
    ]);
    await eventually(async () => {
      const seen = await fetch(`${http}/seen`, { headers });
      expect(await seen.json()).toEqual([
        { workspace: 'demo', message_id: 'm-1' },
        { workspace: 'demo', message_id: 'm-2' },
      ]);
    });
    await eventually(async () => {
      const { rounds } = (await (await fetch(`${http}/rounds`)).json()) as { rounds: number };
      expect(rounds).toBeGreaterThan(2);
    });

    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toMatch(/^tidings_probe_events_total 2$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
    expect(metrics).toMatch(/^tidings_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m);
    expect(metrics).toMatch(/^tidings_consumer_lag\{.*group="probe"/m);
    const live = await fetch(`${admin}/health/live`);
    expect(await live.json()).toEqual({ status: 'ok', checks: { catalog: 'ok', consumers: 'ok', pollers: 'ok' } });
  });

  it('finishes what is in hand on SIGTERM and exits with 0', async () => {
    const probe = start();
    const { http, admin } = await ready(probe);
    const answer = fetch(`${http}/slow`).then((response) => response.json());
    await sleep(200);
    probe.child.kill('SIGTERM');
    await eventually(async () => {
      const body = (await (await fetch(`${admin}/health/ready`)).json()) as { checks: Record<string, string> };
      expect(body.checks['staying']).toBe('the process is leaving');
    });
    expect(await answer).toEqual({ answered: true });
    expect(await probe.exit).toBe(0);
  });

  it('goes on answering for SHUTDOWN_DELAY_MS, and ends at once on a second signal', async () => {
    const probe = start([], { SHUTDOWN_DELAY_MS: '60000' });
    const { http, admin } = await ready(probe);
    probe.child.kill('SIGTERM');
    await eventually(async () => expect((await fetch(`${admin}/health/ready`)).status).toBe(503));
    expect((await fetch(`${http}/rounds`)).status).toBe(200);
    probe.child.kill('SIGINT');
    expect(await probe.exit).toBe(1);
  });

  it('ends when an error was not caught: what it left half done is unknown', async () => {
    const probe = start();
    const { http } = await ready(probe);
    await fetch(`${http}/crash`).catch(() => undefined);
    expect(await probe.exit).toBe(1);
    expect(probe.output()).toContain('"message":"an error was not caught"');
  });

  it('waits for a Kafka that is not there, alive but not ready, and can be stopped meanwhile', async () => {
    const adminPort = await freePort();
    const probe = start([], { KAFKA_BROKERS: '127.0.0.1:1', ADMIN_PORT: String(adminPort) });
    await eventually(async () => expect(probe.output()).toContain('"message":"waiting for Kafka"'));
    expect((await fetch(`http://127.0.0.1:${adminPort}/health/live`)).status).toBe(200);
    const unready = await fetch(`http://127.0.0.1:${adminPort}/health/ready`);
    expect(unready.status).toBe(503);
    expect(((await unready.json()) as { checks: object }).checks).toMatchObject({
      migrated: 'ok',
      publisher: 'no Kafka broker answers',
    });
    probe.child.kill('SIGTERM');
    expect(await probe.exit).toBe(0);
  });

  it('says which setting to change when a port is taken', async () => {
    const other = await listening(createServer());
    const port = String((other.address() as AddressInfo).port);
    const forHttp = start([], { HTTP_PORT: port });
    const forAdmin = start([], { ADMIN_PORT: port });
    expect([await forHttp.exit, await forAdmin.exit]).toEqual([1, 1]);
    expect(forHttp.output()).toContain(`port ${port} is in use by another process; set HTTP_PORT to a free one`);
    expect(forAdmin.output()).toContain(`port ${port} is in use by another process; set ADMIN_PORT to a free one`);
    other.close();
  });

  it('sends its spans to an OTLP receiver, the last ones before it leaves', async () => {
    const received: string[] = [];
    const receiver = await listening(
      createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += String(chunk)));
        request.on('end', () => {
          received.push(`${request.url} ${body}`);
          response.end('{}');
        });
      }),
    );
    const probe = start([], {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    });
    const { http } = await ready(probe);
    await fetch(`${http}/slow`);
    probe.child.kill('SIGTERM');
    expect(await probe.exit).toBe(0);
    receiver.close();
    expect(received.join('\n')).toMatch(/^\/v1\/traces .*"slow work"/m);
    expect(received.join('\n')).toContain('"stringValue":"probe"');
  });
});

async function administer(sql: string, url = postgres): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function listening(server: Server): Promise<Server> {
  server.listen(0);
  await once(server, 'listening');
  return server;
}

async function freePort(): Promise<number> {
  const server = await listening(createServer());
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
