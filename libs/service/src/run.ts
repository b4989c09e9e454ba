import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { adminServer } from './admin-server.js';
import type { Boot } from './boot.js';
import { startConsumers } from './consumers.js';
import { leaveOnSignals } from './exit.js';
import { Health } from './health.js';
import { closeHttp, httpAdapter, useHttpConventions } from './http.js';
import { Leaving, Shutdown } from './leaving.js';
import { logger } from './log.js';
import { nestLog } from './nest-log.js';
import { PlatformModule, type Platform } from './platform.module.js';
import { openPlatform } from './platform.js';
import { Pollers } from './pollers.js';
import { everywhere, listen, portError, portOf, writePorts, type Ports } from './ports.js';
import { startMetrics } from './prometheus.js';
import { Readiness } from './readiness.js';
import type { Service } from './service.js';
import { startTracing } from './tracing.js';

const log = logger('start');

/** Starts a service step by step, each step standing on the ones before it; resolves when it is ready, or told to leave. */
export async function run(service: Service): Promise<void> {
  const health = new Health();
  const boot: Boot = {
    service,
    health,
    leaving: new Leaving(),
    shutdown: new Shutdown(),
    readiness: new Readiness(health),
    pollers: new Pollers(),
  };
  leaveOnSignals({ ...boot, delayMs: service.config.SHUTDOWN_DELAY_MS });
  health.checkReady('staying', () => (boot.shutdown.signal.aborted ? 'the process is leaving' : null));
  try {
    await start(boot);
  } catch (error) {
    // Whoever was told to leave while it waited for something ends as it should, not with what it waited for.
    if (!boot.shutdown.signal.aborted) throw error;
  }
}

async function start(boot: Boot): Promise<void> {
  const { service } = boot;
  log.info({ service: service.name, pid: process.pid, node: process.version }, 'starting');
  if (service.inBackground) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const admin = await openAdmin(boot);
  await openTracing(boot);
  const platform = await openPlatform(boot);
  const app = await openApplication(boot, platform);
  const http = await openHttp(boot, app);
  await tellPorts(service, { http, admin });
  await startConsumers(boot, app, platform);
  await untilReady(boot);
  log.info({ http, admin }, 'ready');
}

async function openAdmin({ service, health, leaving }: Boot): Promise<number> {
  const server = adminServer(health, startMetrics());
  const port = await listen(server, service.config.ADMIN_PORT, 'ADMIN_PORT');
  leaving.add('admin', async () => server.close());
  return port;
}

async function openTracing({ service, leaving }: Boot): Promise<void> {
  const stop = await startTracing(service.name);
  if (stop !== null) leaving.add('tracing', stop);
}

async function openApplication({ service, leaving }: Boot, platform: Platform): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    PlatformModule.around(service.module, platform),
    httpAdapter(service.http),
    {
      logger: nestLog,
      abortOnError: false,
      rawBody: service.http?.rawBody ?? false,
    },
  );
  leaving.add('application', () => app.close());
  useHttpConventions(app, platform.catalog);
  return app;
}

async function openHttp({ service, leaving, readiness }: Boot, app: NestFastifyApplication): Promise<number> {
  const port = service.config.HTTP_PORT;
  leaving.add('http', () => closeHttp(app));
  try {
    await app.listen(port, everywhere());
  } catch (error) {
    throw portError(error, port, 'HTTP_PORT');
  }
  readiness.reach('http');
  return portOf(app.getHttpServer());
}

async function tellPorts({ config: { PORTS_FILE } }: Service, ports: Ports): Promise<void> {
  if (PORTS_FILE !== undefined) await writePorts(PORTS_FILE, ports);
}

async function untilReady({ health, shutdown }: Boot): Promise<void> {
  while (!health.ready().ok && !shutdown.signal.aborted) await sleep(50);
}
