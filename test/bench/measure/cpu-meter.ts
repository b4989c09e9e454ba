import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from './proc.js';

/** CPU seconds by the name of the process. */
export type CpuSeconds = Readonly<Record<string, number>>;

/** Watches named processes (each with all it starts) and says what they used since `begin`. */
export class CpuMeter {
  private before = new Map<string, number>();

  constructor(private readonly pids: Readonly<Record<string, number | null | undefined>>) {}

  /** Forgets what was used until now. */
  begin(): void {
    this.before = this.read();
  }

  /** What each process used since. */
  used(): CpuSeconds {
    return Object.fromEntries(
      [...this.read()].map(([name, seconds]) => [name, seconds - (this.before.get(name) ?? 0)]),
    );
  }

  /** Resolves when the processes have next to nothing to do any more, or the time is over. */
  async untilIdle({ everyMs = 500, timeoutMs = 120_000 } = {}): Promise<void> {
    // Timers, heartbeats and empty fetches never end.
    const cores = 0.1 + 0.03 * Object.keys(this.pids).length;
    for (const end = Date.now() + timeoutMs; Date.now() < end;) {
      const [before, startedAt] = [this.total(), performance.now()];
      await sleep(everyMs);
      if ((this.total() - before) / ((performance.now() - startedAt) / 1000) < cores) return;
    }
  }

  private total(): number {
    return [...this.read().values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  private read(): Map<string, number> {
    const known = Object.entries(this.pids).flatMap(([name, pid]) => (pid ? [{ name, pid }] : []));
    const seconds = cpuOf(known.map(({ pid }) => pid));
    return new Map(known.map(({ name }, index) => [name, seconds[index] ?? 0]));
  }
}
