import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** How a process came to its end. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One built app as a process of its own, which can be killed and started again on ports it chooses itself. */
export class ServiceProcess {
  private child: ChildProcess | null = null;
  private ended: Promise<Ending> = Promise.resolve({ code: 0, signal: null });
  private ports: Ports | null = null;

  constructor(readonly plan: ProcessPlan) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
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

  /** Starts it; `untilReady` waits for it. */
  start(args: readonly string[] = []): void {
    const { name, app, env, folder } = this.plan;
    const portsFile = join(folder, `${name}.ports.json`);
    rmSync(portsFile, { force: true });
    this.ports = null;
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    const child = spawn(process.execPath, [...flagsOf(app), `dist/apps/${app}/main.js`, ...args], {
      // Compiled code is kept between processes: many start at once here, on few cores.
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: 'node_modules/.cache/v8', ...env, PORTS_FILE: portsFile, HTTP_PORT: '0', ADMIN_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when it is ready; rejects with the end of its log when it died, or is not within the time. */
  async untilReady(timeoutMs = 150_000): Promise<void> {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
      if (!this.running) throw new Error(`${this.plan.name} ended before it was ready\n${this.logTail()}`);
      if (await this.ready()) return;
    }
    throw new Error(`${this.plan.name} is not ready after ${timeoutMs} ms\n${this.logTail()}`);
  }

  /** Sends a signal and resolves when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    this.child?.kill(signal);
    return this.ended;
  }

  /** Resolves when the process is gone, by itself or not. */
  untilEnded(): Promise<Ending> {
    return this.ended;
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
