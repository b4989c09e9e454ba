import { residentMb } from './proc.js';
import { quantile } from './statistics.js';

/** What the memory of one process did while it was watched, in MB. */
export interface MemoryCourse {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** By how many MB per minute the highest of the second half lies above the highest of the first: a collector that seldom runs makes teeth, a leak lifts them. */
  readonly rise: number;
  /** The median of each tenth of the watch, in order. */
  readonly tenths: readonly number[];
}

/** What may still be a cache that fills: at this pace a service of 200 MB is at its limit of 250 after 50 minutes, and a leak that small hides in the noise of ten. */
const FLAT_MB_PER_MINUTE = 1;

/** How many times the steepest rise fits into what still counts as flat; at most 100. */
export const flatness = (courses: readonly MemoryCourse[]): number =>
  FLAT_MB_PER_MINUTE / Math.max(FLAT_MB_PER_MINUTE / 100, ...courses.map(({ rise }) => rise));

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
        most: most(values),
        rise: (most(values.slice(half)) - most(values.slice(0, half))) / ((this.at.at(-1) ?? NaN) - (this.at[half] ?? NaN)),
        tenths: tenthsOf(values, tenth),
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

/** A process that ends while it is looked at has none. */
const most = (values: readonly number[]): number => Math.max(...values.filter((mb) => !Number.isNaN(mb)));

const tenthsOf = (values: readonly number[], length: number): readonly number[] =>
  Array.from({ length: Math.ceil(values.length / length) }, (_, index) =>
    quantile(values.slice(index * length, (index + 1) * length), 0.5),
  );
