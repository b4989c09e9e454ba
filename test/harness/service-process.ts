import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, type Ending, type GuardedProcess } from './guard.js';

/** How a process of the installation is started. */
export interface ProcessPlan {
  /** A name of its own, such as `orchestrator-2`. */
  readonly name: string;
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where its log and its ports file lie. */
  readonly folder: string;
}

interface Ports {
  readonly http: number;
  readonly admin: number;
}

/** One built app as a process of its own, which can be killed and started again on ports it chooses itself. */
export class ServiceProcess {
  private child: GuardedProcess | null = null;
  private starting: Promise<void> = Promise.resolve();
  private ports: Ports | null = null;

  constructor(readonly plan: ProcessPlan) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child?.running() ?? false;
  }

  /** It runs and has said where it listens. */
  get listens(): boolean {
    return this.running && this.ports !== null;
  }

  /** Where it answers HTTP; throws while it is not up. */
  get url(): string {
    return `http://127.0.0.1:${this.listening().http}`;
  }

  /** Where it answers probes and scrapes. */
  get adminUrl(): string {
    return `http://127.0.0.1:${this.listening().admin}`;
  }

  /** Starts it and resolves when it runs; `untilReady` waits for what it needs to be of use. */
  start(args: readonly string[] = []): Promise<void> {
    this.starting = this.launch(args);
    return this.starting;
  }

  private async launch(args: readonly string[]): Promise<void> {
    const { name, app, env, folder } = this.plan;
    const portsFile = join(folder, `${name}.ports.json`);
    rmSync(portsFile, { force: true });
    this.ports = null;
    const { spawnGuarded } = await guard();
    this.child = await spawnGuarded({
      name,
      command: process.execPath,
      args: [...flagsOf(app), `dist/apps/${app}/main.js`, ...args],
      cwd: process.cwd(),
      // Compiled code is kept between processes: many start at once here, on few cores.
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: 'node_modules/.cache/v8', ...env, PORTS_FILE: portsFile, HTTP_PORT: '0', ADMIN_PORT: '0' },
      logFile: join(folder, `${name}.log`),
      // What a service has promised to need at most.
      graceMs: 30_000,
      orphanGraceMs: 0,
    });
  }

  /** Resolves when it is ready; rejects with the end of its log when it died, or is not within the time. */
  async untilReady(timeoutMs = 150_000): Promise<void> {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
      if (!this.running) throw new Error(`${this.plan.name} ended before it was ready\n${this.logTail()}`);
      if (await this.ready()) return;
    }
    throw new Error(`${this.plan.name} is not ready after ${timeoutMs} ms\n${this.logTail()}`);
  }

  /** Asks it to leave, as an orchestrator does, and resolves when it is gone. */
  async stop(): Promise<Ending> {
    await this.starting;
    await this.child?.stop();
    return this.untilEnded();
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    await this.child?.kill();
  }

  /** Resolves when it is gone, by itself or not. */
  async untilEnded(): Promise<Ending> {
    return this.child?.exited ?? { code: 0, signal: null };
  }

  /** The last lines of its log. */
  logTail(lines = 30): string {
    const file = join(this.plan.folder, `${this.plan.name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
  }

  private async ready(): Promise<boolean> {
    const file = join(this.plan.folder, `${this.plan.name}.ports.json`);
    if (!existsSync(file)) return false;
    this.ports = JSON.parse(readFileSync(file, 'utf8')) as Ports;
    const answer = await fetch(`${this.adminUrl}/health/ready`).catch(() => null);
    return answer?.ok ?? false;
  }

  private listening(): Ports {
    if (this.ports === null) throw new Error(`${this.plan.name} does not listen yet`);
    return this.ports;
  }
}

/** Node is run as the image runs it, so that what is tested keeps to the same memory. */
function flagsOf(app: string): readonly string[] {
  const { service, standalone } = JSON.parse(readFileSync('deploy/node-flags.json', 'utf8')) as Record<'service' | 'standalone', string[]>;
  return app === 'standalone' ? standalone : service;
}
