import { setTimeout as sleep } from 'node:timers/promises';
import { CpuMeter } from './measure/cpu-meter.js';
import type { MemoryCourse } from './measure/memory-watch.js';
import { listenerOf } from './measure/proc.js';
import { shown, type Comparison, type Table } from './measure/report.js';
import { interleave, progress, rateOf, type Arm, type ArmRuns } from './measure/rounds.js';
import { numberSetting, rounds } from './measure/settings.js';
import { spreadOf } from './measure/statistics.js';
import { importByCommand, type Imported } from './rig/command-import.js';
import { livingInTheFirst, type CsvFile } from './rig/csv-files.js';
import { segmentsOf } from './rig/definitions.js';
import { startIngest, type IngestService } from './rig/ingest-service.js';
import { brokers, empty, endsOf, writtenSince } from './rig/kafka.js';
import { runBenchmark } from './rig/run.js';
import { startSegmentation, type SegmentationUnderTest } from './rig/segmentation.js';

const ROWS = numberSetting('BENCH_ROWS', 100_000);
/** The largest file whose memory is looked at; a tenth and a third of it go before. */
const MOST_ROWS = numberSetting('BENCH_MOST_ROWS', 1_000_000);
const SEGMENTS = numberSetting('BENCH_SEGMENTS', 20);
const ACCEPTED = 20_000;
const ALL_THE_WAY = 5_000;
/** What a service may need at most (docs/benchmarks.md, latency). */
const LIMIT_MB = 250;
const GROWTH = 1.2;

let files = 0;
const newPeople = (): string => `p${(files += 1)}-`;

type Rows = Pick<CsvFile, 'kind' | 'people' | 'salt'>;

/** Until the command is done; every row is then looked for on the topic, by its number. */
function acceptedArm(name: string, rows: () => Rows, { ingest, meter }: { readonly ingest: IngestService; readonly meter: CpuMeter }): Arm {
  const { port, secretKey: key, topic } = ingest;
  return {
    name,
    run: async () => {
      await meter.untilIdle();
      const from = await endsOf(topic);
      meter.begin();
      const imported = await importByCommand({ ...rows(), rows: ROWS }, { url: `http://127.0.0.1:${port}`, key });
      const cpu = meter.used();
      const { ids, records } = await writtenSince(topic, from);
      return { messages: ids, seconds: imported.seconds, lost: ROWS - ids, doubled: records - ids, cpu };
    },
  };
}

/** Until segmentation has committed the last row; what it then holds is counted in its tables. */
function wholeArm(name: string, rows: () => Rows, rig: SegmentationUnderTest): Arm {
  const { installation, meter, topic } = rig;
  return {
    name,
    run: async () => {
      await meter.untilIdle();
      const file = { ...rows(), rows: ROWS };
      const before = await heldOf(rig, file.people);
      meter.begin();
      const startedAt = performance.now();
      const { seconds: accepted } = await importByCommand(file, { url: installation.urlOf('/api/v1/imports').replace('/api/v1/imports', ''), key: installation.secretKey });
      await untilWritten(rig, await endsOf(topic));
      const seconds = (performance.now() - startedAt) / 1000;
      const cpu = meter.used();
      const after = await heldOf(rig, file.people);
      if (after.listed !== livingInTheFirst(file)) throw new Error(`${after.listed} of ${livingInTheFirst(file)} are in the segment that they belong to`);
      return { messages: after.events - before.events, seconds, lost: ROWS - (after.events - before.events), doubled: 0, cpu, notes: { 'accepted s': accepted } };
    },
  };
}

async function untilWritten({ population, topic }: SegmentationUnderTest, ends: ReadonlyMap<number, number>): Promise<void> {
  const end = [...ends.values()].reduce((sum, each) => sum + each, 0);
  const written = async () =>
    (await population.query<{ sum: string | null }>('select sum(next_offset) as sum from segmentation.kafka_position where topic in ($1, $2)', [topic, 'events']))[0]?.sum;
  while (Number((await written()) ?? 0) < end) await sleep(50);
}

/** What there is of the people of a file: rows of history, and memberships of the first segment. */
async function heldOf({ population }: SegmentationUnderTest, people: string): Promise<{ readonly events: number; readonly listed: number }> {
  const counts = await population.query<{ events: number; listed: number }>(
    `select (select count(*)::int from segmentation.event_history where starts_with(profile_id, $1)) as events,
            (select count(*)::int from segmentation.segment_member where segment = 'still-0' and starts_with(profile_id, $1)) as listed`,
    [people],
  );
  return counts[0] ?? { events: 0, listed: 0 };
}

/** Each arm with the people of its own, or those that the arm before brought. */
function wholeArms(rig: SegmentationUnderTest): readonly Arm[] {
  let people = '';
  return [
    wholeArm('new profiles, into segments', () => ({ kind: 'profiles', people: (people = newPeople()), salt: 1 }), rig),
    wholeArm('the same people, with other traits', () => ({ kind: 'profiles', people, salt: 2 }), rig),
    wholeArm('events of them, into segments', () => ({ kind: 'events', people, salt: 3 }), rig),
  ];
}

/** Files of growing size, through a service that has just begun. */
async function memoryBySize({ port, pid, secretKey: key, topic }: IngestService): Promise<readonly (readonly [number, Imported])[]> {
  const found: (readonly [number, Imported])[] = [];
  for (const rows of [MOST_ROWS / 10, MOST_ROWS / 3, MOST_ROWS].map(Math.round)) {
    const imported = await importByCommand({ kind: 'profiles', people: newPeople(), salt: 1, rows }, { url: `http://127.0.0.1:${port}`, key, watched: { ingest: pid } });
    progress(`${rows} rows in ${imported.seconds.toFixed(1)} s; most MB: ${imported.memory.map(({ name, most }) => `${name} ${Math.round(most)}`).join(', ')}`);
    await empty(topic);
    found.push([rows, imported]);
  }
  return found;
}

const mostOf = (memory: readonly MemoryCourse[] | undefined, name: string): number => memory?.find((course) => course.name === name)?.most ?? NaN;

function memoryTable(sizes: readonly (readonly [number, Imported])[]): Table {
  const rows = sizes.map(([size, { seconds, memory }]) => [String(size), shown(size / seconds), ...['ingest', 'tidings import'].map((name) => shown(mostOf(memory, name)))]);
  return { title: 'Resident memory in MB at most, by the size of the file:', head: ['rows', 'rows/s', 'ingest', 'tidings import'], rows };
}

const rateOver = (bound: number, arm: ArmRuns | undefined) => spreadOf((arm?.runs ?? []).map((run) => rateOf(run) / bound));

function comparisonsOf(accepted: readonly ArmRuns[], whole: readonly ArmRuns[], sizes: readonly (readonly [number, Imported])[]): readonly Comparison[] {
  const [least, most] = [sizes[0]?.[1].memory, sizes.at(-1)?.[1].memory];
  const exactly = (value: number): Comparison['ratio'] => ({ median: value, min: value, max: value });
  return [
    ...accepted.map((arm) => ({ name: `${arm.name}: rows/s / ${ACCEPTED}`, ratio: rateOver(ACCEPTED, arm), bound: 1 })),
    ...whole.map((arm) => ({ name: `${arm.name}: rows/s / ${ALL_THE_WAY}`, ratio: rateOver(ALL_THE_WAY, arm), bound: 1 })),
    { name: `${LIMIT_MB} MB / memory of ingest at ${MOST_ROWS} rows`, ratio: exactly(LIMIT_MB / mostOf(most, 'ingest')), bound: 1 },
    ...['ingest', 'tidings import'].map((name) => ({ name: `${name}: ${GROWTH} times its memory at a tenth of the rows / at all of them`, ratio: exactly((GROWTH * mostOf(least, name)) / mostOf(most, name)), bound: 1 })),
  ];
}

await runBenchmark('import', async (closing) => {
  const ingest = await startIngest(closing);
  const sizes = await memoryBySize(ingest);
  const meter = new CpuMeter({ ingest: ingest.pid, kafka: listenerOf(Number(brokers()[0]?.split(':')[1])) });
  const accepted = await interleave(
    [
      acceptedArm('profiles, accepted', () => ({ kind: 'profiles', people: newPeople(), salt: 1 }), { ingest, meter }),
      acceptedArm('events, accepted', () => ({ kind: 'events', people: newPeople(), salt: 1 }), { ingest, meter }),
    ],
    rounds(),
  );
  const rig = await startSegmentation(segmentsOf(SEGMENTS), { closing, apps: ['ingest', 'segmentation', 'api'] });
  // Nobody is asked when activities arrived: their reader would only take of the cores.
  await rig.activities.stop();
  const whole = await interleave(wholeArms(rig), rounds());
  return {
    config: {
      durability: 'accepted: acknowledged by Kafka (acks=all); into segments: also one Postgres transaction per batch with the fsync above',
      'each run': `a file of ${ROWS} rows through \`tidings import\`, from the command's start; ${rounds()} rounds`,
      segments: `${SEGMENTS}, a fifth of them time-relative`,
    },
    arms: [...accepted, ...whole],
    comparisons: comparisonsOf(accepted, whole, sizes),
    control: null,
    tables: [memoryTable(sizes)],
  };
});
