import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadActivities } from './processes/activities.js';
import { MemoryWatch } from './measure/memory-watch.js';
import { shown, type Comparison, type Table } from './measure/report.js';
import { progress, type ArmRuns, type Measured } from './measure/rounds.js';
import { numberSetting } from './measure/settings.js';
import { quantile, spreadOf } from './measure/statistics.js';
import { audit } from './rig/audit.js';
import { segmentsOf } from './rig/definitions.js';
import { ARCHETYPES } from './rig/archetypes.js';
import { burstOf, sendDoings } from './rig/doings.js';
import { changesOf, recomputedOf } from './rig/recompute.js';
import { Closing, runBenchmark } from './rig/run.js';
import { grow, passed, populate, startSegmentation, type SegmentationUnderTest } from './rig/segmentation.js';

const PROFILES = numberSetting('BENCH_PROFILES', 1_000_000);
const SEGMENTS = numberSetting('BENCH_SEGMENTS', 100);
const HISTORY = numberSetting('BENCH_HISTORY', 10);
const RATE = numberSetting('BENCH_RATE', 1_000);
const SECONDS = numberSetting('BENCH_SECONDS', 60);
const BURST = numberSetting('BENCH_EVENTS', 10_000);
const AUDIT_SECONDS = numberSetting('BENCH_AUDIT_SECONDS', 20);
const LIMIT_MS = 1_000;
const LIMIT_MB = 400;

let runs = 0;

const exactly = (value: number): Comparison['ratio'] => ({ median: value, min: value, max: value });
const cpuOf = ({ cpu }: Measured): number => Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);

/** What events cost that come as fast as they can, in three bursts after one to warm up. */
async function costs(name: string, { generator, activities, meter, topic }: SegmentationUnderTest, profiles: number): Promise<ArmRuns> {
  const measured: Measured[] = [];
  for (let burst = 0; burst < 4; burst += 1) {
    const records = burstOf((runs += 1), BURST, profiles);
    await meter.untilIdle();
    await activities.ask('mark');
    meter.begin();
    const startedAt = performance.now();
    await generator.sendAll(topic, records);
    const { events, doubled } = await activities.ask<ReadActivities>('until', { events: BURST, patienceMs: 30_000 });
    const seconds = (performance.now() - startedAt) / 1000;
    await meter.untilIdle();
    if (burst > 0) measured.push({ messages: events, seconds, lost: BURST - events, doubled, cpu: meter.used() });
  }
  progress(`${name}: ${shown(spreadOf(measured.map((run) => (1000 * cpuOf(run)) / run.messages)).median)} CPU seconds per 1,000 events`);
  return { name, runs: measured };
}

/** The same with other numbers of segments, each in an installation of its own. */
async function costsWith(segments: number, profiles: number, whole: Closing): Promise<ArmRuns> {
  const closing = new Closing();
  whole.add(() => closing.close());
  try {
    const rig = await startSegmentation(segmentsOf(segments), { closing });
    await populate(rig, { profiles, events: HISTORY });
    return await costs(`${shown(profiles)} profiles, ${segments} segments`, rig, profiles);
  } finally {
    await closing.close();
  }
}

interface Streamed {
  readonly measured: Measured;
  readonly read: ReadActivities;
  readonly mostMb: number;
}

async function streamed(rig: SegmentationUnderTest): Promise<Streamed> {
  const { generator, activities, meter, topic, pid } = rig;
  await passed(rig);
  const watch = new MemoryWatch({ segmentation: pid });
  await activities.ask('mark');
  meter.begin();
  const sent = await sendDoings(generator, { topic, perSecond: RATE, seconds: SECONDS, people: PROFILES, run: (runs += 1) });
  const { events, doubled } = await activities.ask<ReadActivities>('until', { events: sent, patienceMs: 30_000 });
  const cpu = meter.used();
  // What the last events began ends by itself: half a minute, and the minute that a window of minutes ends in.
  await sleep(35_000);
  const read = await activities.ask<ReadActivities>('read');
  const [course] = watch.courses();
  return { measured: { messages: events, seconds: SECONDS, lost: sent - events, doubled, cpu }, read, mostMb: course?.most ?? NaN };
}

function latencyTable({ latencies }: ReadActivities): Table {
  const rows = (['changed by events', 'changed by time', 'events'] as const).map((name) => {
    const values = [...latencies[name]];
    return [name, String(values.length), ...[0.5, 0.95, 0.99, 1].map((part) => shown(quantile(values, part)))];
  });
  return { title: 'Latency in ms, from when an event should have been sent, or a moment came, to the activity that a reader of Kafka sees:', head: ['', 'activities', 'p50', 'p95', 'p99', 'most'], rows };
}

/** CPU seconds of working out anew in Postgres who entered and left every segment, one statement each: one of each kind is measured. */
async function recomputing({ population, meter }: SegmentationUnderTest): Promise<{ readonly seconds: number; readonly table: Table }> {
  const rows: string[][] = [];
  let all = 0;
  for (const each of recomputedOf(SEGMENTS)) {
    await meter.untilIdle();
    meter.begin();
    const [found] = await population.query<Readonly<Record<'members' | 'entered' | 'left', number>>>(changesOf(each));
    const seconds = meter.used()['postgres'] ?? 0;
    all += seconds * each.segments;
    const { members, entered, left } = found ?? {};
    rows.push([each.id, each.sql.replaceAll(/\s+/g, ' ').slice(0, 90), String(members), `+${entered} -${left}`, shown(seconds), String(each.segments)]);
  }
  return { seconds: all, table: { title: `Working them out anew, ${shown(all)} CPU seconds for all ${SEGMENTS}:`, head: ['one of each kind', 'by', 'members', 'others than are kept', 'CPU seconds', 'of that kind'], rows } };
}

await runBenchmark('segments', async (closing) => {
  const rig = await startSegmentation(segmentsOf(SEGMENTS), { closing });
  const sizes = [PROFILES / 100, PROFILES / 10, PROFILES].map((size) => Math.max(2 * ARCHETYPES, Math.round(size)));
  const arms: ArmRuns[] = [];
  for (const [index, profiles] of sizes.entries()) {
    if (index === 0) await populate(rig, { profiles, events: HISTORY });
    else await grow(rig, sizes[index - 1] ?? 0, profiles);
    arms.push(await costs(`${shown(profiles)} profiles, ${SEGMENTS} segments`, rig, profiles));
  }
  const { measured, read, mostMb } = await streamed(rig);
  const found = await audit(rig.installation, PROFILES, AUDIT_SECONDS);
  const again = await recomputing(rig);
  const others = [await costsWith(SEGMENTS / 10, sizes[1] ?? 0, closing), await costsWith(SEGMENTS * 10, sizes[1] ?? 0, closing)];
  const perEvent = (arm: ArmRuns | undefined): number => spreadOf((arm?.runs ?? []).map((run) => cpuOf(run) / run.messages)).median;
  const p99 = (name: 'changed by events' | 'changed by time'): number => quantile([...read.latencies[name]], 0.99);
  // Kafka carries the events to whoever works segments out, in whatever way.
  const perMinute = (60 * (cpuOf(measured) - (measured.cpu['kafka'] ?? 0))) / SECONDS;
  return {
    config: {
      durability: 'acks=all; profiles, memberships, history and position in one Postgres transaction per batch with the fsync above',
      load: `${RATE} events/s for ${SECONDS} s, open loop, of ${shown(PROFILES)} people that chance picks; ${SEGMENTS} segments, a fifth time-relative; ${HISTORY} events of history each`,
      audit: `${shown(found.profiles)} profiles, ${shown(found.members)} memberships, worked out anew by the service from history: ${found.differences} differences, ${found.overdue} overdue, ${found.waiting} waiting`,
      'CPU seconds': `per minute of the stream: ${shown(perMinute)} of Postgres and the service; of working all out anew once: ${shown(again.seconds)} of Postgres`,
      'resident memory': `segmentation: at most ${shown(mostMb)} MB`,
    },
    arms: [...arms, ...others, { name: `${RATE} events/s`, runs: [measured] }],
    comparisons: [
      { name: `${LIMIT_MS} ms / p99 of changes by events`, ratio: exactly(LIMIT_MS / p99('changed by events')), bound: 1 },
      { name: `${LIMIT_MS} ms / p99 of changes by time`, ratio: exactly(LIMIT_MS / p99('changed by time')), bound: 1 },
      { name: 'memberships as recomputed: 1, or less when any is not', ratio: exactly(found.profiles / (found.profiles + found.differences)), bound: 1 },
      { name: 'CPU: anew every minute / stream', ratio: exactly(again.seconds / perMinute), bound: 20 },
      { name: `${LIMIT_MB} MB / resident memory`, ratio: exactly(LIMIT_MB / mostMb), bound: 1 },
      { name: 'events told / events sent', ratio: exactly(measured.messages / (measured.messages + measured.lost)), bound: 1 },
      { name: `cost per event: ${shown(sizes[0] ?? 0)} profiles / ${shown(PROFILES)} (flat: 1)`, ratio: exactly(perEvent(arms[0]) / perEvent(arms[2])), bound: null },
      { name: `cost per event: ${SEGMENTS} segments / ${SEGMENTS / 10}`, ratio: exactly(perEvent(arms[1]) / perEvent(others[0])), bound: null },
      { name: `cost per event: ${SEGMENTS * 10} segments / ${SEGMENTS}`, ratio: exactly(perEvent(others[1]) / perEvent(arms[1])), bound: null },
    ],
    control: null,
    tables: [latencyTable(read), again.table],
  };
});
