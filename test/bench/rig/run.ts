import { quietMachine, type Disturbance, type Machine } from '../measure/machine.js';
import { conclude, type Report } from '../measure/report.js';
import { Refused } from '../measure/settings.js';

type Work = () => Promise<unknown> | unknown;

/** What a benchmark opened and must close again, the last first. */
export class Closing {
  private readonly works: Work[] = [];

  add(work: Work): void {
    this.works.push(work);
  }

  async close(): Promise<void> {
    for (const work of this.works.splice(0).reverse()) await work();
  }
}

type Found = Omit<Report, 'benchmark' | 'machine' | 'disturbance'>;

/** The life of a benchmark: a quiet machine, the work, the report, and everything closed however it ends. */
export async function runBenchmark(benchmark: string, work: (closing: Closing) => Promise<Found>): Promise<void> {
  const closing = new Closing();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void closing.close().finally(() => process.exit(130)));
  let code = 1;
  try {
    const { machine, end } = await quietMachine();
    code = conclude({ benchmark, ...(await measured(work, closing, machine, end)) });
  } catch (error) {
    process.stderr.write(
      `${error instanceof Refused ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
  }
  process.exit(code);
}

async function measured(
  work: (closing: Closing) => Promise<Found>,
  closing: Closing,
  machine: Machine,
  end: () => Disturbance,
): Promise<Omit<Report, 'benchmark'>> {
  try {
    const found = await work(closing);
    return { machine, disturbance: end(), ...found };
  } finally {
    await closing.close();
  }
}
