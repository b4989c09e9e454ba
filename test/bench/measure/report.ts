import { mkdirSync, writeFileSync } from 'node:fs';
import type { Disturbance, Machine } from './machine.js';
import { progress, rateOf, type ArmRuns, type Measured } from './rounds.js';
import { givenSettings } from './settings.js';
import { spreadOf, type Spread } from './statistics.js';

/** An arm held against another; without a bound it is shown and decides nothing. */
export interface Comparison {
  readonly name: string;
  /** Of each round, so that what the machine did in that round happened to both. */
  readonly ratio: Spread;
  readonly bound: number | null;
}

/** A table of the report beside the arms', in its own words. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Everything that a benchmark found out. */
export interface Report {
  readonly benchmark: string;
  readonly machine: Machine;
  readonly disturbance: Disturbance;
  /** How the arms were set up, durability first. */
  readonly config: Readonly<Record<string, string | number>>;
  readonly arms: readonly ArmRuns[];
  readonly comparisons: readonly Comparison[];
  /** The same arm twice: what differs between them is noise. Null where there is nothing to run twice. */
  readonly control: Comparison | null;
  readonly tables?: readonly Table[];
}

/** How far the control may be from 1. */
const NOISE = 0.05;

/** Holds one arm's rate against another's, round by round. */
export function compare(
  name: string,
  ours: ArmRuns | undefined,
  peer: ArmRuns | undefined,
  bound: number | null = null,
): Comparison {
  const ratios = (ours?.runs ?? []).map((run, round) => rateOf(run) / rateOf(peer?.runs[round] ?? run));
  return { name, ratio: spreadOf(ratios), bound };
}

/** Prints the report, writes it as JSON, and closes with the line that says whether the bound holds; the exit code. */
export function conclude(report: Report): number {
  const bounded = report.comparisons.flatMap(({ ratio, bound, name }) =>
    bound === null ? [] : [{ name, ratio: ratio.median, bound }],
  );
  const worst = bounded.reduce((least, other) =>
    other.ratio / other.bound < least.ratio / least.bound ? other : least,
  );
  const isVoid = report.control !== null && !(Math.abs(report.control.ratio.median - 1) <= NOISE);
  say(introduction(report));
  say(armTable(report.arms));
  for (const table of report.tables ?? []) say(`${table.title}\n\n${markdown(table.head, table.rows)}`);
  say(comparisonTable(report));
  if (isVoid)
    say(
      `VOID: the same arm twice differs by ${shown(report.control?.ratio.median ?? NaN)}, more than ${NOISE} from 1.00. The machine was not quiet; nothing above counts.`,
    );
  writeJson(report, { isVoid, worst });
  say(`ratio ${shown(worst.ratio)} (bound ${shown(worst.bound)})`, '\n');
  return worst.ratio >= worst.bound && !isVoid ? 0 : 1;
}

function introduction({ benchmark, machine, disturbance, config }: Report): string {
  const { cpu, cores, memoryGb, kernel, versions, postgres, backgroundCores, loadAtStart } = machine;
  const list = (values: Readonly<Record<string, string | number>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    `${benchmark}: ${cores} cores (${cpu}), ${memoryGb} GB, Linux ${kernel}; ${list(versions)}`,
    `PostgreSQL: ${list(postgres)}`,
    `busy before: ${backgroundCores.toFixed(2)} cores; load ${loadAtStart.map((load) => load.toFixed(2)).join(' ')} at the start, ${disturbance.loadAtEnd.map((load) => load.toFixed(2)).join(' ')} at the end; steal ${disturbance.stealPercent.toFixed(2)} %`,
    ...Object.entries(config).map(([name, value]) => `${name}: ${value}`),
    ...Object.entries(givenSettings()).map(([name, value]) => `${name}=${value}`),
  ].join('\n');
}

function armTable(arms: readonly ArmRuns[]): string {
  const rows = arms.map(({ name, runs }) => {
    const { median, min, max } = spreadOf(runs.map(rateOf));
    const sum = (of: (run: Measured) => number): string => String(runs.reduce((total, run) => total + of(run), 0));
    return [
      name,
      shown(median),
      `${shown(min)} - ${shown(max)}`,
      sum((run) => run.lost),
      sum((run) => run.doubled),
      cpuText(runs),
      notesText(runs),
    ];
  });
  return markdown(['arm', 'messages/s', 'min - max', 'lost', 'doubled', 'CPU seconds per 1,000 messages', ''], rows);
}

function cpuText(runs: readonly Measured[]): string {
  const names = Object.keys(runs[0]?.cpu ?? {});
  const per1000 = (pick: (run: Measured) => number): number =>
    spreadOf(runs.map((run) => (1000 * pick(run)) / run.messages)).median;
  const parts = names
    .map((name) => [name, per1000(({ cpu }) => cpu[name] ?? 0)] as const)
    .filter(([, seconds]) => seconds >= 0.0005);
  const all = per1000(({ cpu }) => Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0));
  return [`**${all.toFixed(3)}**`, ...parts.map(([name, seconds]) => `${name} ${seconds.toFixed(3)}`)].join(', ');
}

const notesText = (runs: readonly Measured[]): string =>
  Object.keys(runs[0]?.notes ?? {}).map((name) => `${name} ${shown(spreadOf(runs.map(({ notes }) => notes?.[name] ?? NaN)).median)}`).join(', '); // prettier-ignore

function comparisonTable({ comparisons, control }: Report): string {
  const row = ({ name, ratio, bound }: Comparison): string[] => [
    name,
    shown(ratio.median),
    `${shown(ratio.min)} - ${shown(ratio.max)}`,
    bound === null ? '' : shown(bound),
  ];
  const controls = control === null ? [] : [[...row(control).slice(0, 3), `1.00 +- ${NOISE}`]];
  return markdown(['ratio', 'median', 'min - max', 'bound'], [...comparisons.map(row), ...controls]);
}

/** A table that stands in a Markdown page as it is. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map(() => '---'), ...rows];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Whole numbers from 100 on, two or three digits below. */
export const shown = (value: number): string =>
  value >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value >= 10
      ? value.toFixed(1)
      : value.toFixed(value < 0.1 ? 3 : 2);

const folder = 'test/bench/results';

function writeJson(
  report: Report,
  verdict: { readonly isVoid: boolean; readonly worst: { readonly ratio: number; readonly bound: number } },
): void {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${report.benchmark}.json`;
  const { isVoid, worst } = verdict;
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), void: isVoid, ...worst, settings: givenSettings(), ...report }, null, 2)}\n`,
  );
  progress(`written to ${file}`);
}

const say = (text: string, end = '\n\n'): void => void process.stdout.write(text + end);
