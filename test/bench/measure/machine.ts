import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { machineTicks } from './proc.js';
import { progress } from './rounds.js';
import { given, Refused, switchedOn } from './settings.js';

/** Cores that others may use. */
const MAY_BE_BUSY = 0.5;

/** The machine, what runs on it, and what else it was doing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly postgres: Readonly<Record<string, string>>;
  /** Cores that were busy before the benchmark began, over five seconds. */
  readonly backgroundCores: number;
  readonly loadAtStart: readonly number[];
}

/** What the machine did while the benchmark ran. */
export interface Disturbance {
  readonly stealPercent: number;
  readonly loadAtEnd: readonly number[];
}

/**
 * Looks at the machine before anything is started on it. Refuses one that is busy: load averages remember the minutes
 * before, so what counts is what is used now.
 */
export async function quietMachine(): Promise<{ readonly machine: Machine; readonly end: () => Disturbance }> {
  const loadAtStart = loadavg();
  const backgroundCores = await leastBusy();
  if (backgroundCores > MAY_BE_BUSY) {
    const sentence = `Something else keeps ${backgroundCores.toFixed(2)} cores busy, and above 0.50 the figures would mean nothing: stop it and start again (BENCH_ANYWAY=1 runs all the same, to see whether the benchmark works).`;
    if (!switchedOn('BENCH_ANYWAY')) throw new Refused(sentence);
    progress(sentence);
  }
  const before = machineTicks();
  const end = (): Disturbance => {
    const after = machineTicks();
    return {
      stealPercent: (100 * (after.stolen - before.stolen)) / Math.max(1, after.all - before.all),
      loadAtEnd: loadavg(),
    };
  };
  return {
    machine: { ...hardware(), versions: versions(), postgres: await postgresSettings(), backgroundCores, loadAtStart },
    end,
  };
}

/** A broker that has just been started is busy with itself for a while: somebody else's work stays. */
async function leastBusy(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 6 && least > MAY_BE_BUSY; look += 1) least = Math.min(least, await busyCores(5_000));
  return least;
}

async function busyCores(overMs: number): Promise<number> {
  const before = machineTicks();
  await sleep(overMs);
  const after = machineTicks();
  return ((after.busy - before.busy) / Math.max(1, after.all - before.all)) * cpus().length;
}

const hardware = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
});

function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve('kafkajs/package.json'), 'utf8')) as { version: string };
  const libs = process.env['KAFKA_LIBS'];
  const kafka = libs
    ? /^kafka-clients-(.+)\.jar$/.exec(readdirSync(libs).find((name) => name.startsWith('kafka-clients-')) ?? '')?.[1]
    : undefined;
  return { node: process.versions.node, kafkajs: version, kafka: kafka ?? 'not ours' };
}

/** What decides the price of a commit, named because both arms must pay the same. */
async function postgresSettings(): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: given('TEST_DATABASE_URL') });
  await client.connect();
  const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers'];
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings where name = any($1)`,
    [names],
  );
  await client.end();
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}
