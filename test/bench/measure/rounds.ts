import type { CpuSeconds } from './cpu-meter.js';

/** What one run of one arm came to. */
export interface Measured {
  /** Distinct messages that arrived where the arm sends them. */
  readonly messages: number;
  readonly seconds: number;
  readonly lost: number;
  readonly doubled: number;
  readonly cpu: CpuSeconds;
  /** Further figures by name, such as `drained s`. */
  readonly notes?: Readonly<Record<string, number>>;
}

/** One of the things that are compared. */
export interface Arm {
  readonly name: string;
  run(round: number): Promise<Measured>;
}

/** An arm and what it came to in each round. */
export interface ArmRuns {
  readonly name: string;
  readonly runs: readonly Measured[];
}

/** Messages per second. */
export const rateOf = ({ messages, seconds }: Measured): number => messages / seconds;

/**
 * Runs the arms in turn, round after round, so that whatever the machine does meanwhile happens to all of them. Each arm runs
 * once before, unmeasured.
 */
export async function interleave(arms: readonly Arm[], rounds: number): Promise<readonly ArmRuns[]> {
  const results = arms.map(({ name }) => ({ name, runs: [] as Measured[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, arm] of arms.entries()) {
      const measured = await arm.run(round);
      progress(
        `${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}, ${arm.name}: ${Math.round(rateOf(measured))}/s, lost ${measured.lost}, doubled ${measured.doubled}`,
      );
      if (round > 0) results[index]?.runs.push(measured);
    }
  }
  return results;
}

/** Tells whoever waits how far the benchmark is, on stderr: stdout is the report's alone. */
export const progress = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
