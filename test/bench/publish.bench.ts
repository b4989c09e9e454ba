import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadActivities } from './processes/activities.js';
import { MemoryWatch } from './measure/memory-watch.js';
import { shown, type Comparison, type Table } from './measure/report.js';
import { progress, type ArmRuns, type Measured } from './measure/rounds.js';
import { numberSetting } from './measure/settings.js';
import { quantile } from './measure/statistics.js';
import { audit } from './rig/audit.js';
import { ORDER, segmentsOf, viewOf, type BenchSegment } from './rig/definitions.js';
import { sendDoings } from './rig/doings.js';
import { runBenchmark } from './rig/run.js';
import { populate, startSegmentation, type SegmentationUnderTest } from './rig/segmentation.js';

const PROFILES = numberSetting('BENCH_PROFILES', 1_000_000);
const HISTORY = numberSetting('BENCH_HISTORY', 10);
const RATE = numberSetting('BENCH_RATE', 200);
const SECONDS = numberSetting('BENCH_SECONDS', 20);
const AUDIT_SECONDS = numberSetting('BENCH_AUDIT_SECONDS', 15);
const LIMIT_S = 180;
const MOVES = 1.2;

/** Nothing that is kept of anybody answers it: all of history is looked through for it. */
const news: BenchSegment = {
  id: 'news',
  where: { all: [{ performed: viewOf(3), withinLast: '40d', where: [{ property: 'total', atLeast: 20 }] }, { performed: ORDER, sum: 'total', withinLast: '50d', value: { atLeast: 50 } }] },
};

let runs = 0;

interface Streamed {
  readonly measured: Measured;
  readonly read: ReadActivities;
}

/** One stretch of the stream. */
async function stretch({ generator, activities, meter, topic }: SegmentationUnderTest, seconds: number): Promise<Streamed> {
  await activities.ask('mark');
  meter.begin();
  const sent = await sendDoings(generator, { topic, perSecond: RATE, seconds, people: PROFILES, run: (runs += 1) });
  const read = await activities.ask<ReadActivities>('until', { events: sent, patienceMs: 30_000 });
  return { measured: { messages: read.events, seconds, lost: sent - read.events, doubled: read.doubled, cpu: meter.used() }, read };
}

/** Publishes, and resolves with how many seconds it took until everybody had been told of it. */
async function published({ installation, population }: SegmentationUnderTest): Promise<number> {
  const startedAt = performance.now();
  await installation.api('POST', '/api/v1/definitions/apply', { segments: [news] });
  const before = await revisions(population);
  for (let last = 0; ; await sleep(500)) {
    const now = await revisions(population);
    const isBegun = now.revision !== before.revision || now.pass < 3;
    const seconds = (performance.now() - startedAt) / 1000;
    if (now.pass >= 2 && isBegun && !(await isAnyoneDue(population, now.revision))) return seconds;
    if (seconds - last > 10) progress(`published for ${Math.round((last = seconds))} s: pass ${now.pass}, at ${now.cursor}`);
  }
}

type Rows = SegmentationUnderTest['population'];
const revisions = async (population: Rows) =>
  (await population.query<{ revision: string; pass: number; cursor: string }>('select revision, pass, cursor from segmentation.backfill'))[0] ?? { revision: '', pass: 0, cursor: '' };

/** Somebody who was not told yet, near either end or in the middle. */
const isAnyoneDue = async (population: Rows, revision: string): Promise<boolean> =>
  (await population.query(`select from segmentation.profile where wake_at <= (extract(epoch from now()) * 1000)::int8 and revision <> $1 limit 1`, [revision])).length > 0;

const toldOf = async (population: Rows): Promise<number> => {
  const { revision } = await revisions(population);
  const [row] = await population.query<{ count: number }>('select count(*)::int as count from segmentation.profile where revision <> $1', [revision]);
  return PROFILES - (row?.count ?? 0);
};

const median = ({ read }: Streamed): number => quantile([...read.latencies.events], 0.5);

function latencyTable(streams: readonly (readonly [string, Streamed])[]): Table {
  const rows = streams.map(([name, { read }]) => {
    const values = [...read.latencies.events];
    return [name, String(values.length), ...[0.5, 0.95, 0.99, 1].map((part) => shown(quantile(values, part))), String(read.published)];
  });
  return { title: "The stream's latency in ms, from when an event should have been sent to its activity:", head: ['', 'events', 'p50', 'p95', 'p99', 'most', 'told of the segment'], rows };
}

const exactly = (value: number): Comparison['ratio'] => ({ median: value, min: value, max: value });

await runBenchmark('publish', async (closing) => {
  const rig = await startSegmentation(segmentsOf(20), { closing });
  await populate(rig, { profiles: PROFILES, events: HISTORY });
  await stretch(rig, 5);
  const before = await stretch(rig, SECONDS);
  const watch = new MemoryWatch({ segmentation: rig.pid });
  let isDone = false;
  const publishing = published(rig).finally(() => (isDone = true));
  const during: Streamed[] = [];
  while (!isDone) during.push(await stretch(rig, 5));
  const seconds = await publishing;
  const told = await toldOf(rig.population);
  const [memory] = watch.courses();
  const after = await stretch(rig, SECONDS);
  const found = await audit(rig.installation, PROFILES, AUDIT_SECONDS);
  const names = [['before', before], ...during.map((each, n) => [`${n * 5} s after publishing`, each] as const), ['after', after]] as const;
  const arms: ArmRuns[] = [
    { name: 'before', runs: [before.measured] },
    { name: 'while it is worked out', runs: during.map(({ measured }) => measured) },
  ];
  const alone = (median(before) + median(after)) / 2;
  const medians = during.map(median);
  return {
    config: {
      durability: 'acks=all; one Postgres transaction per batch with the fsync above',
      load: `${shown(PROFILES)} profiles, ${shown(PROFILES * HISTORY)} events, ${RATE} events/s meanwhile`,
      publishing: `${seconds.toFixed(1)} s until ${shown(told)} profiles were told: ${shown(PROFILES / seconds)} profiles/s`,
      audit: `${shown(found.profiles)} profiles: ${found.differences} differences in ${shown(found.members)} memberships, ${found.waiting} waiting`,
      'resident memory': `segmentation: at most ${shown(memory?.most ?? NaN)} MB`,
    },
    arms,
    comparisons: [
      { name: `${LIMIT_S} s / publishing`, ratio: exactly(LIMIT_S / seconds), bound: 1 },
      { name: `the stream's median latency may be ${MOVES} times what it is without / what it is`, ratio: exactly((MOVES * alone) / quantile(medians, 0.5)), bound: 1 },
      { name: 'memberships as recomputed: 1, or less when any is not', ratio: exactly(found.profiles / (found.profiles + found.differences + found.waiting)), bound: 1 },
    ],
    control: null,
    tables: [latencyTable(names)],
  };
});
