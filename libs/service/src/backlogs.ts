import type { Backlog, Hop } from '@tidings/bus';
import type { Pollers } from './pollers.js';

const LOOK_EVERY_MS = 1_000;

/** Watches for backlogs while the process serves, for clocks that must not overtake what waits in Kafka. */
export class Backlogs {
  private readonly watched: Backlog[] = [];

  constructor(
    private readonly open: (hops: readonly Hop[]) => Backlog,
    private readonly pollers: Pollers,
  ) {}

  /** The backlog of a way, looked at every second from when the pollers start. */
  watch(hops: readonly Hop[]): Backlog {
    const backlog = this.open(hops);
    this.watched.push(backlog);
    const names = hops.map(({ group, topic }) => `${group} of ${topic}`).join(', ');
    this.pollers.register(`backlog of ${names}`, LOOK_EVERY_MS, () => backlog.look());
    return backlog;
  }

  /** Lets go of the connections. */
  async close(): Promise<void> {
    await Promise.all(this.watched.map((backlog) => backlog.close()));
  }
}
