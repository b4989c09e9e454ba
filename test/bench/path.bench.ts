import type { Form } from '../harness/installation.js';
import { CpuMeter } from './measure/cpu-meter.js';
import { listenerOf } from './measure/proc.js';
import { compare, type Comparison } from './measure/report.js';
import { interleave, progress, type Arm, type ArmRuns, type Measured } from './measure/rounds.js';
import { given, numberSetting, rounds } from './measure/settings.js';
import { Child } from './rig/child.js';
import { brokers, Generator, makeTopic, newPrefix, PARTITIONS } from './rig/kafka.js';
import { signedUp, signUp } from './rig/people.js';
import { sinkCeiling, startSink } from './rig/sink.js';
import { ID_SLOT, USER_SLOT } from './rig/request-bytes.js';
import { Closing, runBenchmark } from './rig/run.js';
import { newRun, startTidings, type Sink, type TidingsUnderTest } from './rig/tidings.js';
import { CONCURRENCY } from './rig/push-client.js';
import type { LoadResult } from './processes/http-load.js';
import type { PipeOrder } from './processes/bare-pipe.js';
import type { Arrived } from './processes/sink.js';

const N = numberSetting('BENCH_EVENTS', 20_000);
const BATCH = 100;

interface Rig {
  readonly sink: Sink;
  readonly generator: Generator;
  readonly meter: CpuMeter;
}

/** Sends N events by some way and waits for their pushes; the clock runs from the first event to the last push. */
function pathArm(name: string, { sink, meter }: Rig, prepare: (run: number) => () => Promise<void>): Arm {
  return {
    name,
    run: async (): Promise<Measured> => {
      const send = prepare(newRun());
      await meter.untilIdle();
      const mark = await sink.child.ask<number>('mark');
      meter.begin();
      const startedAt = Date.now();
      await send();
      const sentAt = Date.now();
      const { calls, messages, recipients, lastAt } = await sink.child.ask<Arrived>('until', {
        mark,
        messages: N,
        patienceMs: 30_000,
      });
      // Also what is still told about the messages belongs to their price.
      await meter.untilIdle();
      const quietAt = Date.now();
      return {
        messages: recipients, seconds: (lastAt - startedAt) / 1000, lost: N - recipients, doubled: calls - messages, cpu: meter.used(),
        notes: { 'sent in s': (sentAt - startedAt) / 1000, 'all quiet after s': (quietAt - startedAt) / 1000 },
      }; // prettier-ignore
    },
  };
}

const kafkaArm = (name: string, topic: string, rig: Rig): Arm =>
  pathArm(name, rig, (run) => {
    const records = Array.from({ length: N }, (_, person) => signedUp(person, run, person));
    return () => rig.generator.sendAll(topic, records);
  });

function httpArm(name: string, { installation }: TidingsUnderTest, load: Child, rig: Rig): Arm {
  const event = JSON.stringify({
    type: 'track',
    event: 'Signed Up',
    messageId: `bench-${ID_SLOT}`,
    userId: `user-${USER_SLOT}`,
    ...signUp,
  });
  const url = new URL(installation.urlOf('/v1/batch'));
  const authorization = `Basic ${Buffer.from(`${installation.writeKey}:`).toString('base64')}`;
  const order = {
    path: url.pathname,
    port: Number(url.port),
    authorization,
    event,
    events: BATCH,
    users: N,
    connections: 8,
    pipelining: 1,
    seconds: null,
    requests: Math.ceil(N / BATCH),
  };
  return pathArm(name, rig, (run) => async () => {
    const { refused } = await load.ask<LoadResult>('run', { ...order, firstId: run * N });
    if (refused > 0) throw new Error(`${refused} requests were refused`);
  });
}

/** The servers, and everything that a form of Tidings and its peer consist of. */
function meterOf(tidings: TidingsUnderTest, more: Readonly<Record<string, number>>): CpuMeter {
  return new CpuMeter({
    kafka: listenerOf(Number(brokers()[0]?.split(':')[1])),
    postgres: listenerOf(Number(new URL(given('TEST_DATABASE_URL')).port || 5432)),
    ...tidings.pids,
    ...more,
  });
}

interface Compared {
  readonly arms: readonly ArmRuns[];
  readonly comparisons: readonly Comparison[];
  readonly control: Comparison;
}

/** One form of Tidings against the bare pipe, with everything of its own started and ended. */
async function compareForm(form: Form, sink: Sink, whole: Closing): Promise<Compared> {
  const closing = new Closing();
  // Also when the benchmark is interrupted here.
  whole.add(() => closing.close());
  try {
    const generator = new Generator();
    await generator.connect();
    closing.add(() => generator.disconnect());
    const [pipe, load] = [await Child.start('bare-pipe'), await Child.start('http-load')];
    closing.add(() => pipe.stop());
    closing.add(() => load.stop());
    const topic = `${newPrefix()}pipe`;
    await makeTopic(topic);
    await pipe.ask('start', { topic, url: sink.url, controlUrl: sink.controlUrl } satisfies PipeOrder);
    const tidings = await startTidings(form, { sink, generator, people: N, closing });
    const rig = {
      sink,
      generator,
      meter: meterOf(tidings, { pipe: pipe.pid, sink: sink.child.pid, generator: process.pid, client: load.pid }),
    };
    const bare = 'consume and call';
    const arms = await interleave(
      [
        kafkaArm(`${bare} (beside ${form})`, topic, rig),
        kafkaArm(`Tidings as ${form}`, tidings.topic, rig),
        httpArm(`Tidings as ${form}, through HTTP`, tidings, load, rig),
        kafkaArm(`${bare} again (beside ${form})`, topic, rig),
      ],
      rounds(),
    );
    const bound = form === 'services' ? 0.5 : null;
    return {
      arms,
      comparisons: [
        compare(`Tidings as ${form} / ${bare}`, arms[1], arms[0], bound),
        compare(`Tidings as ${form}, through HTTP / ${bare}`, arms[2], arms[0]),
      ],
      control: compare(`control: ${bare} again / ${bare} (beside ${form})`, arms[3], arms[0]),
    };
  } finally {
    await closing.close();
  }
}

await runBenchmark('path', async (closing) => {
  const sink = await startSink(closing);
  const ceiling = await sinkCeiling(sink, N);
  progress(`the sink's own ceiling: ${Math.round(ceiling)}/s`);
  const services = await compareForm('services', sink, closing);
  const standalone = await compareForm('standalone', sink, closing);
  return {
    config: {
      durability:
        'at least once in both arms. Bare: the offset is committed to Kafka after the calls of a batch. Tidings: acks=all between services, position and ledger in Postgres with the fsync above, a claim before and a record after each call',
      sink: `the FCM simulator in a process of its own, HTTP/2, ${CONCURRENCY} calls in flight, journal in memory in both arms; its ceiling ${Math.round(ceiling)}/s`,
      load: `${N} Signed Up events of ${N} people, one push each; ${PARTITIONS} partitions; the clock runs from the first event written to the last push taken`,
      tidings:
        'one process per service (or all in one), analytics and api among them; 3 segments, 1 journey; all processes, broker, database, sink and generator share the cores',
      http: `the same events by POST /v1/batch, ${BATCH} per request`,
      'CPU seconds':
        'until all is quiet again, so that what analytics still does is counted; the arm that rests is counted as it idles',
      'each run': `${rounds()} rounds`,
    },
    arms: [...services.arms, ...standalone.arms],
    comparisons: [...services.comparisons, ...standalone.comparisons, standalone.control],
    control: services.control,
  };
});
