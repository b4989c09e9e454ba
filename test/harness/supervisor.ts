import type { ServiceProcess } from './service-process.js';

/** Starts again what ended, as a container runtime would, until it is told to let go. */
export class Supervisor {
  private active = true;
  /** How often a process was started again. */
  restarts = 0;
  private readonly watching: Promise<void>[];

  constructor(processes: readonly ServiceProcess[]) {
    this.watching = processes.map((process) => this.watch(process));
  }

  /** Lets processes end from now on. */
  release(): void {
    this.active = false;
  }

  /** Resolves when every watched process has ended after the release. */
  async done(): Promise<void> {
    await Promise.all(this.watching);
  }

  private async watch(process: ServiceProcess): Promise<void> {
    for (;;) {
      await process.untilEnded();
      if (!this.active) return;
      this.restarts += 1;
      await process.start();
      await process.untilReady().catch(() => undefined);
    }
  }
}
