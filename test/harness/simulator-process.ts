import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.js';
import { guard, type GuardedProcess } from './guard.js';

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
    private readonly child: GuardedProcess,
    readonly address: SimulatorAddress,
  ) {}

  /** Starts one and resolves when it has said how to reach it. */
  static async start(kind: 'fcm' | 'sendgrid' | 'smtp', journal: string, options: readonly string[] = []): Promise<SimulatorProcess> {
    const { spawnGuarded } = await guard();
    const child = await spawnGuarded({
      name: `the ${kind} simulator`,
      command: process.execPath,
      args: ['libs/testing/src/providers/run.mjs', '--kind', kind, '--journal', journal, ...options],
      cwd: process.cwd(),
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
      logFile: `${journal}.log`,
      orphanGraceMs: 0,
    });
    return new SimulatorProcess(child, await eventually(() => addressIn(child.logFile)));
  }

  /** Ends it at once; its journal is whole all the same. */
  stop(): Promise<void> {
    return this.child.kill();
  }
}

/** The one line that it prints. */
function addressIn(logFile: string): SimulatorAddress {
  const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  if (!text.includes('\n')) throw new Error(`the simulator has not said where it is: ${text}`);
  return JSON.parse(text) as SimulatorAddress;
}
