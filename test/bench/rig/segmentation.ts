import { setTimeout as sleep } from 'node:timers/promises';
import { events, profileActivity } from '@tidings/contracts';
import { Installation, type InstallationOptions } from '../../harness/installation.js';
import { CpuMeter } from '../measure/cpu-meter.js';
import { listenerOf } from '../measure/proc.js';
import { progress } from '../measure/rounds.js';
import { given } from '../measure/settings.js';
import { ARCHETYPES, HISTORY_DAYS, lifeOf } from './archetypes.js';
import { Child } from './child.js';
import type { BenchSegment } from './definitions.js';
import { brokers, Generator } from './kafka.js';
import { Population } from './population.js';
import { profileEnv } from './profile-env.js';
import type { Closing } from './run.js';

/** The service that is measured, with as few others as it can do with, and those who write and read around it. */
export interface SegmentationUnderTest {
  readonly installation: Installation;
  readonly population: Population;
  readonly generator: Generator;
  readonly activities: Child;
  readonly meter: CpuMeter;
  /** The topic of accepted events, with its prefix. */
  readonly topic: string;
  readonly pid: number | undefined;
}

/** What a population consists of. */
export interface People {
  readonly profiles: number;
  /** Events of each. */
  readonly events: number;
}

/** Starts it with these segments published. */
export async function startSegmentation(
  segments: readonly BenchSegment[],
  { closing, apps = ['segmentation', 'api'] }: { readonly closing: Closing; readonly apps?: InstallationOptions['apps'] },
): Promise<SegmentationUnderTest> {
  const limits = { RATE_LIMIT_PER_KEY: '10000000', RATE_LIMIT_PER_WORKSPACE: '10000000' };
  const installation = await Installation.start({ form: 'services', ...(apps && { apps }), env: { ...profileEnv(), ...limits } });
  closing.add(() => installation.stop());
  const generator = new Generator();
  const population = await Population.open(installation.databaseUrl);
  const activities = await Child.start('activities');
  closing.add(() => population.close());
  await generator.connect();
  closing.add(() => generator.disconnect());
  closing.add(() => activities.stop());
  await activities.ask('start', { topic: installation.topicPrefix + profileActivity.name });
  await population.makePast(HISTORY_DAYS);
  const pids = Object.fromEntries(installation.processes.map(({ plan, pid }) => [plan.name, pid]));
  const kafka = listenerOf(Number(brokers()[0]?.split(':')[1]));
  const postgres = listenerOf(Number(new URL(given('TEST_DATABASE_URL')).port || 5432));
  const meter = new CpuMeter({ kafka, postgres, segmentation: pids['segmentation'], ingest: pids['ingest'] });
  const rig = { installation, population, generator, activities, meter, topic: installation.topicPrefix + events.name, pid: pids['segmentation'] };
  await publish(rig, segments);
  return rig;
}

/** Publishes segments and resolves when the service has heard of them. */
export async function publish({ installation, population }: Pick<SegmentationUnderTest, 'installation' | 'population'>, segments: readonly BenchSegment[]): Promise<void> {
  const before = await revisionOf(population);
  if (segments.length > 0) await installation.api('POST', '/api/v1/definitions/apply', { segments });
  // They are published one by one.
  for (let last = before, since = performance.now(); last === before || performance.now() - since < 3_000; await sleep(250)) {
    const now = await revisionOf(population);
    if (now !== last) [last, since] = [now, performance.now()];
  }
}

const revisionOf = async (population: Population): Promise<string> =>
  (await population.query<{ revision: string }>('select revision from segmentation.backfill'))[0]?.revision ?? '';

/** Lets the service get to know the first people by what they did, and copies them. */
export async function populate(rig: SegmentationUnderTest, { profiles, events: each }: People): Promise<void> {
  const { population, generator, meter, topic } = rig;
  const archetypes = Math.min(ARCHETYPES, profiles);
  const now = Date.now();
  await population.everybodyToldOf();
  await generator.sendAll(topic, Array.from({ length: archetypes }, (_none, person) => lifeOf(person, each, now)).flat());
  for (let known = 0; known < archetypes * (each + 1); await sleep(250)) {
    known = (await population.query<{ count: number }>('select count(*)::int as count from segmentation.event_history'))[0]?.count ?? 0;
  }
  await meter.untilIdle();
  progress(`${archetypes} people and what they did are known to the service`);
  if (profiles > archetypes) await copied(rig, archetypes, archetypes, profiles);
}

/** The longest of the windows of seconds and minutes in these definitions, and some seconds for the clock. */
const PASSING_MS = 65_000;

/**
 * Resolves when what the last events began has ended. A burst is received at one instant, so the windows that it opens end at one as
 * well: beside a stream that would be a flood of the rig's own making.
 */
export async function passed({ meter }: SegmentationUnderTest): Promise<void> {
  await sleep(PASSING_MS);
  await meter.untilIdle();
}

/** More copies of the same people. */
export const grow = (rig: SegmentationUnderTest, from: number, profiles: number): Promise<void> =>
  copied(rig, ARCHETYPES, Math.max(from, ARCHETYPES), profiles);

async function copied({ population, meter }: SegmentationUnderTest, archetypes: number, from: number, total: number): Promise<void> {
  const startedAt = performance.now();
  meter.begin();
  await population.grow(archetypes, from, total);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  progress(`${total} profiles are there; the last ${total - from} took ${seconds} s, ${(meter.used()['postgres'] ?? 0).toFixed(1)} CPU seconds of Postgres`);
}
