import type { Form } from '../harness/installation.js';
import { CpuMeter } from './measure/cpu-meter.js';
import { flatness, MemoryWatch, type MemoryCourse } from './measure/memory-watch.js';
import { listenerOf } from './measure/proc.js';
import { shown, type Comparison, type Table } from './measure/report.js';
import { progress, type ArmRuns, type Measured } from './measure/rounds.js';
import { given, numberSetting, Refused, rounds } from './measure/settings.js';
import { quantile, spreadOf } from './measure/statistics.js';
import { Child } from './rig/child.js';
import { brokers, Generator, makeTopic, newPrefix } from './rig/kafka.js';
import { latenciesOf, sendOpenLoop } from './rig/open-loop.js';
import { signedUp } from './rig/people.js';
import { runBenchmark, type Closing } from './rig/run.js';
import { Scrapes } from './rig/scrapes.js';
import { startSink } from './rig/sink.js';
import { newRun, startTidings, type Sink } from './rig/tidings.js';
import type { PipeOrder } from './processes/bare-pipe.js';
import type { Arrived, ArrivalTimes } from './processes/sink.js';

const PEOPLE = 20_000;
const SHARES = [0.25, 0.5, 0.8] as const;
const LIMIT_MS = 250;
const seconds = numberSetting('BENCH_SECONDS', 20);
/** When set, one more stream at half the rate, so long that memory shows whether it is flat. */
const minutes = process.env['BENCH_MINUTES'] ? numberSetting('BENCH_MINUTES', 10) : 0;

interface Rig {
  readonly sink: Sink;
  readonly generator: Generator;
  readonly meter: CpuMeter;
}

interface Step {
  readonly measured: Measured;
  readonly latencies: readonly number[];
  /** When each of them began, in s. */
  readonly at: readonly number[];
  readonly late: readonly number[];
}

function form(): Form {
  const name = process.env['BENCH_FORM'] ?? 'services';
  if (name === 'services' || name === 'standalone') return name;
  throw new Refused(`BENCH_FORM must be services or standalone, and is "${name}".`);
}

/** How fast bursts of events come through, as the benchmark `path` measures it: the median of three, after one to warm up. */
async function rateOfBursts(topic: string, { sink, generator, meter }: Rig, events: number): Promise<number> {
  const rates: number[] = [];
  for (let burst = 0; burst < 4; burst += 1) {
    const run = newRun();
    const records = Array.from({ length: events }, (_, person) => signedUp(person, run, person));
    await meter.untilIdle();
    const mark = await sink.child.ask<number>('mark');
    const startedAt = Date.now();
    await generator.sendAll(topic, records);
    const { messages, lastAt } = await sink.child.ask<Arrived>('until', { mark, messages: events, patienceMs: 30_000 });
    if (messages < events) throw new Error(`${events - messages} of ${events} pushes did not come`);
    if (burst > 0) rates.push((1000 * events) / (lastAt - startedAt));
  }
  return quantile(rates, 0.5);
}

async function stream(
  topic: string,
  perSecond: number,
  forSeconds: number,
  { sink, generator, meter }: Rig,
): Promise<Step> {
  await meter.untilIdle();
  const mark = await sink.child.ask<number>('mark');
  meter.begin();
  const sent = await sendOpenLoop(generator, { topic, perSecond, seconds: forSeconds, people: PEOPLE, run: newRun() });
  const { calls, messages } = await sink.child.ask<Arrived>('until', {
    mark,
    messages: sent.events,
    patienceMs: 30_000,
  });
  const cpu = meter.used();
  const { values, at, lost } = latenciesOf(sent, await sink.child.ask<ArrivalTimes>('times', mark));
  const notes = { 'p50 ms': quantile(values, 0.5), 'p95 ms': quantile(values, 0.95), 'p99 ms': quantile(values, 0.99) };
  return {
    measured: { messages, seconds: forSeconds, lost, doubled: calls - messages, cpu, notes },
    latencies: values,
    at,
    late: sent.late,
  };
}

interface Series {
  readonly name: string;
  readonly perSecond: number;
  readonly topic: string;
  readonly steps: Step[];
}

/** The rates in turn, round after round. */
async function interleaved(series: readonly Series[], rig: Rig): Promise<void> {
  for (let round = 0; round <= rounds(); round += 1) {
    for (const { name, perSecond, topic, steps } of series) {
      const step = await stream(topic, perSecond, seconds, rig);
      const { notes = {}, lost, doubled } = step.measured;
      progress(
        `${round === 0 ? 'warm-up' : `round ${round} of ${rounds()}`}, ${name}: p50 ${shown(notes['p50 ms'] ?? NaN)} ms, p99 ${shown(notes['p99 ms'] ?? NaN)} ms, lost ${lost}, doubled ${doubled}`,
      );
      if (round > 0) steps.push(step);
    }
  }
}

function latencyTable(series: readonly Series[]): Table {
  const ms = (values: readonly number[], part: number): string => shown(quantile(values, part));
  return {
    title:
      "Latency in ms, from when an event should have been sent to its push at the sink; all rounds together, and the spread of the rounds' p99:",
    head: [
      '',
      'events/s',
      'p50',
      'p95',
      'p99',
      'p99.9',
      'most',
      'p99 per round, median (min - max)',
      'generator late p99',
    ],
    rows: series.map(({ name, perSecond, steps }) => {
      const all = steps.flatMap(({ latencies }) => latencies);
      const p99s = spreadOf(steps.map(({ measured }) => measured.notes?.['p99 ms'] ?? NaN));
      return [
        name,
        shown(perSecond),
        ms(all, 0.5),
        ms(all, 0.95),
        ms(all, 0.99),
        ms(all, 0.999),
        ms(all, 1),
        `${shown(p99s.median)} (${shown(p99s.min)} - ${shown(p99s.max)})`,
        ms(
          steps.flatMap(({ late }) => late),
          0.99,
        ),
      ];
    }),
  };
}

/** Where in a long stream the slow ones are: a p99 that rises says that something fills up, one with peaks that something comes round. */
function courseTable({ latencies, at }: Step): Table {
  const length = (at.at(-1) ?? 0) / 10;
  const seconds = Map.groupBy(latencies.keys(), (index) => Math.floor(at[index] ?? 0));
  const p99Of = (indexes: readonly number[]): number => quantile(indexes.map((index) => latencies[index] ?? NaN), 0.99);
  const tenths = Array.from({ length: 10 }, (_, tenth) => p99Of([...latencies.keys()].filter((index) => Math.min(9, Math.floor((at[index] ?? 0) / length)) === tenth)));
  const slow = [...seconds].map(([second, indexes]) => ({ second, p99: p99Of(indexes) })).filter(({ p99 }) => p99 > LIMIT_MS);
  return {
    title: `p99 in ms in each tenth of the time, and the seconds whose p99 was above ${LIMIT_MS} ms:`,
    head: ['each tenth', `seconds above ${LIMIT_MS} ms`, 'second: p99 in ms'],
    rows: [[tenths.map(shown).join(' '), `${slow.length} of ${seconds.size}`, slow.map(({ second, p99 }) => `${second}: ${shown(p99)}`).join(', ')]],
  };
}

function memoryTable(title: string, courses: readonly MemoryCourse[], limitMb: number): Table {
  const rows = courses.map(({ name, first, last, most, rise, tenths }) => [
    name,
    shown(first),
    shown(last),
    shown(most),
    rise.toFixed(2),
    most <= limitMb ? `within ${limitMb}` : `ABOVE ${limitMb}`,
    tenths.map((mb) => Math.round(mb)).join(' '),
  ]);
  return {
    title,
    head: ['resident memory, MB', 'at first', 'at last', 'most', 'rise of the peak per minute', 'limit', 'each tenth of the time'],
    rows,
  };
}

/** Above 1 is good: how many times the p99 fits into the limit. */
function verdict(name: string, p99s: readonly number[], bound: number | null): Comparison {
  return { name, ratio: spreadOf(p99s.map((p99) => LIMIT_MS / p99)), bound };
}

/** What was measured once and must be at least 1. */
const once = (name: string, ratio: number): Comparison => ({ name, ratio: spreadOf([ratio]), bound: 1 });

async function open(
  closing: Closing,
): Promise<{
  readonly rig: Rig;
  readonly tidings: Awaited<ReturnType<typeof startTidings>>;
  readonly bareTopic: string;
}> {
  const sink = await startSink(closing);
  const generator = new Generator();
  await generator.connect();
  closing.add(() => generator.disconnect());
  const pipe = await Child.start('bare-pipe');
  closing.add(() => pipe.stop());
  const bareTopic = `${newPrefix()}pipe`;
  await makeTopic(bareTopic);
  await pipe.ask('start', { topic: bareTopic, url: sink.url, controlUrl: sink.controlUrl } satisfies PipeOrder);
  const tidings = await startTidings(form(), { sink, generator, people: PEOPLE, closing });
  const kafka = listenerOf(Number(brokers()[0]?.split(':')[1]));
  const postgres = listenerOf(Number(new URL(given('TEST_DATABASE_URL')).port || 5432));
  const meter = new CpuMeter({
    kafka,
    postgres,
    ...tidings.pids,
    pipe: pipe.pid,
    sink: sink.child.pid,
    generator: process.pid,
  });
  return { rig: { sink, generator, meter }, tidings, bareTopic };
}

await runBenchmark('latency', async (closing) => {
  const { rig, tidings, bareTopic } = await open(closing);
  const limitMb = form() === 'standalone' ? 450 : 250;
  const whole = await rateOfBursts(tidings.topic, rig, numberSetting('BENCH_EVENTS', PEOPLE));
  progress(`bursts come through at ${Math.round(whole)}/s`);
  const at = (name: string, share: number, topic: string): Series => ({
    name,
    perSecond: whole * share,
    topic,
    steps: [],
  });
  const ours = SHARES.map((share) => at(`Tidings at ${share * 100} %`, share, tidings.topic));
  const bare = at('consume and call at the rate of 50 %', 0.5, bareTopic);
  const series = [...ours, bare];
  const watch = new MemoryWatch(tidings.pids);
  await interleaved(series, rig);
  const tables = [latencyTable(series), memoryTable('Memory during the rounds:', watch.courses(), limitMb)];
  const arms: ArmRuns[] = series.map(({ name, steps }) => ({ name, runs: steps.map(({ measured }) => measured) }));
  const comparisons = ours.map((one, index) =>
    verdict(`${LIMIT_MS} ms / p99 at ${(SHARES[index] ?? 0) * 100} %`, p99sOf(one), SHARES[index] === 0.5 ? 1 : null),
  );
  if (minutes > 0) {
    const long = { ...at(`Tidings at 50 % for ${minutes} min`, 0.5, tidings.topic), steps: [] as Step[] };
    const longWatch = new MemoryWatch(tidings.pids);
    const scrapes = new Scrapes(tidings.installation.processes);
    const step = await stream(long.topic, long.perSecond, minutes * 60, rig);
    await scrapes.end();
    long.steps.push(step);
    const courses = longWatch.courses();
    tables.push(latencyTable([long]), courseTable(step), memoryTable(`Memory during the ${minutes} minutes:`, courses, limitMb));
    arms.push({ name: long.name, runs: long.steps.map(({ measured }) => measured) });
    comparisons.push(
      verdict(`${LIMIT_MS} ms / p99 at 50 % for ${minutes} min`, p99sOf(long), 1),
      once(`${limitMb} MB / the most resident memory`, limitMb / Math.max(...courses.map(({ most }) => most))),
      once('1 MB a minute / the steepest rise of resident memory', flatness(courses)),
    );
  }
  return {
    config: {
      durability:
        'as in the benchmark path: acks=all between services, position and ledger in Postgres with the fsync above, a claim before and a record after each call',
      form: form(),
      load: `open loop: each event is sent at its time, whatever became of the others; ${seconds} s per rate and round, ${rounds()} rounds; ${PEOPLE} people in turn`,
      '100 %': `${Math.round(whole)} events/s, the median of three bursts in this run`,
      control:
        'none: the limit is a number of milliseconds, not an arm. The bare pipe at the same rate shows what machine and clock do by themselves',
    },
    arms,
    comparisons,
    control: null,
    tables,
  };
});

function p99sOf({ steps }: Series): number[] {
  return steps.map(({ measured }) => measured.notes?.['p99 ms'] ?? NaN);
}
