import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Ports } from './ports.js';

const root = join(import.meta.dirname, '../../..');

/** A process of the probe service, and what it said. */
export interface Probe {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output(): string;
  ports(): Promise<Ports>;
}

/** Starts `serve.fixture.ts` as a process, as often as a spec wants. */
export class ProbeProcesses {
  private readonly running: ChildProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Bundles the probe as apps are bundled, by a process of its own: the bundler does not run within jest. */
  static async build(env: Readonly<Record<string, string>>): Promise<ProbeProcesses> {
    await mkdir(join(root, 'dist/specs'), { recursive: true });
    const folder = await mkdtemp(join(root, 'dist/specs/service-'));
    const input = join(import.meta.dirname, 'serve.fixture.ts');
    const output = { dir: folder, format: 'esm', sourcemap: true, keepNames: true };
    const settings = JSON.stringify({ input, platform: 'node', tsconfig: join(root, 'tsconfig.json'), output });
    const external = '(id) => !/^(\\.|\\/|@tidings\\/|@oxc-project\\/)/.test(id)';
    const config = join(folder, 'rolldown.config.mjs');
    await writeFile(config, `export default { ...${settings}, external: ${external} };`);
    const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs');
    await promisify(execFile)(process.execPath, [bundler, '-c', config], { cwd: root });
    return new ProbeProcesses(folder, env);
  }

  /** Starts one, with settings beside those that all have. */
  start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Probe {
    const ports = join(this.folder, `ports-${this.running.length}.json`);
    const all = { PATH: process.env['PATH'], HTTP_PORT: '0', ADMIN_PORT: '0', PORTS_FILE: ports, ...this.env, ...env };
    const child = spawn(process.execPath, [join(this.folder, 'serve.fixture.js'), ...args], { cwd: root, env: all });
    this.running.push(child);
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    return {
      child,
      exit: once(child, 'close').then(([code]) => code as number | null),
      output: () => output,
      ports: () => eventually(async () => JSON.parse(await readFile(ports, 'utf8')) as Ports),
    };
  }

  /** Ends all that still run. */
  kill(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }

  /** Removes what was built. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** The result of `look` as soon as it does not throw. */
export async function eventually<T>(look: () => Promise<T>, withinMs = 40_000): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(50)) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
