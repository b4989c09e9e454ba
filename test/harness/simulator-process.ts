import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a simulated provider is reached. */
export interface SimulatorAddress {
  readonly port: number;
  readonly url?: string;
  readonly controlUrl: string;
  readonly serviceAccount?: Readonly<Record<string, string>>;
}

/** A provider simulator as a process of its own: it survives every kill of ours, and its journal is the oracle. */
export class SimulatorProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: SimulatorAddress,
  ) {}

  static async start(kind: 'fcm' | 'sendgrid' | 'smtp', journal: string, options: readonly string[] = []): Promise<SimulatorProcess> {
    const child = spawn(process.execPath, ['libs/testing/src/providers/run.mjs', '--kind', kind, '--journal', journal, ...options], {
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the ${kind} simulator ended with ${code}`)));
    });
    return new SimulatorProcess(child, JSON.parse(line) as SimulatorAddress);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}
