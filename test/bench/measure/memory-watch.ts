import { residentMb } from './proc.js';
import { quantile, slope } from './statistics.js';

/** What the memory of one process did while it was watched, in MB. */
export interface MemoryCourse {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** MB per minute over the second half of the watch: what is left when caches are full. */
  readonly rise: number;
}

/** Looks at the resident memory of processes every second. */
export class MemoryWatch {
  private readonly at: number[] = [];
  private readonly seen = new Map<string, number[]>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pids: Readonly<Record<string, number | undefined>>) {
    this.look();
    this.timer = setInterval(() => this.look(), 1000);
  }

  /** Ends the watch. */
  courses(): readonly MemoryCourse[] {
    clearInterval(this.timer);
    return [...this.seen].map(([name, values]) => {
      const half = Math.floor(values.length / 2);
      const tenth = Math.max(1, Math.ceil(values.length / 10));
      return {
        name,
        first: quantile(values.slice(0, tenth), 0.5),
        last: quantile(values.slice(-tenth), 0.5),
        most: Math.max(...values),
        rise: slope(this.at.slice(half), values.slice(half)),
      };
    });
  }

  private look(): void {
    this.at.push(performance.now() / 60_000);
    for (const [name, pid] of Object.entries(this.pids)) {
      if (pid === undefined) continue;
      const own = this.seen.get(name) ?? [];
      own.push(residentMb(pid));
      this.seen.set(name, own);
    }
  }
}
