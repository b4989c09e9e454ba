import type { ServiceProcess } from '../../harness/service-process.js';

const EVERY_MS = 5_000;

/** Asks every process how it is, as Kubernetes and Prometheus do: none has nothing to do at all where it belongs. */
export class Scrapes {
  private readonly timer: NodeJS.Timeout;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(private readonly processes: readonly ServiceProcess[]) {
    this.timer = setInterval(() => {
      this.underWay = this.all();
    }, EVERY_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  private all(): Promise<unknown> {
    const asked = this.processes.flatMap(({ adminUrl }) => ['/health/ready', '/metrics'].map((path) => `${adminUrl}${path}`));
    // Whether it answers is for others to judge.
    return Promise.allSettled(asked.map(async (url) => (await fetch(url)).arrayBuffer()));
  }
}
