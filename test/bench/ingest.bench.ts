import { CpuMeter } from './measure/cpu-meter.js';
import { listenerOf } from './measure/proc.js';
import { compare } from './measure/report.js';
import { interleave, progress, rateOf, type Arm, type Measured } from './measure/rounds.js';
import { numberSetting, rounds } from './measure/settings.js';
import { quantile } from './measure/statistics.js';
import { Child } from './rig/child.js';
import { startIngest, type IngestService } from './rig/ingest-service.js';
import { bareKafka, brokers, empty, endsOf, makeTopic, PARTITIONS, readBetween, writtenSince } from './rig/kafka.js';
import { producerPerformance, producerSettings } from './rig/producer-performance.js';
import { ID_SLOT, USER_SLOT } from './rig/request-bytes.js';
import { runBenchmark } from './rig/run.js';
import type { LoadOrder, LoadResult } from './processes/http-load.js';

/** A purchase as a shop's app reports it; with what ingest adds it is a record of about 700 bytes. */
const event = JSON.stringify({
  type: 'track', event: 'Product Added', messageId: `bench-${ID_SLOT}`, userId: `user-${USER_SLOT}`, timestamp: '2026-01-01T12:00:00.000Z', sentAt: '2026-01-01T12:00:00.000Z',
  properties: { cart_id: 'cart-1', product_id: 'sku-4711', name: 'A thing to wear', category: 'clothes', price: 19.9, quantity: 1, currency: 'EUR', coupon: null },
  context: { locale: 'en-GB', timezone: 'Europe/London', library: { name: 'bench', version: '1.0.0' } },
}); // prettier-ignore

const BATCH = 100;
const seconds = numberSetting('BENCH_SECONDS', 6);
const single = {
  path: '/v1/track',
  event,
  events: 1,
  users: 100_000,
  connections: numberSetting('BENCH_CONNECTIONS', 128),
  pipelining: numberSetting('BENCH_PIPELINING', 1),
  requests: null,
};
const bulk = {
  ...single,
  path: '/v1/batch',
  events: BATCH,
  connections: numberSetting('BENCH_BULK_CONNECTIONS', 16),
  pipelining: 1,
};

/** Sends a load and counts, at the topic, which of the events that were answered 200 are there. */
function ingestArm(
  name: string,
  order: Omit<LoadOrder, 'port' | 'authorization' | 'seconds'>,
  { load, ingest, meter }: { load: Child; ingest: IngestService; meter: CpuMeter },
): Arm {
  const { port, authorization, topic } = ingest;
  return {
    name,
    run: async () => {
      await meter.untilIdle();
      const from = await endsOf(topic);
      meter.begin();
      const result = await load.ask<LoadResult>('run', { ...order, port, authorization, seconds });
      const cpu = meter.used();
      const { ids, records } = await writtenSince(topic, from);
      return {
        ...measured(result, order.events, cpu),
        lost: result.answered * order.events - ids,
        doubled: records - ids,
      };
    },
  };
}

function bareArm(name: string, { load, port, meter }: { load: Child; port: number; meter: CpuMeter }): Arm {
  return {
    name,
    run: async () => {
      await meter.untilIdle();
      meter.begin();
      const result = await load.ask<LoadResult>('run', { ...single, port, authorization: 'Basic YmVuY2g6', seconds });
      return measured(result, 1, meter.used());
    },
  };
}

function measured(
  { answered, refused, seconds: took, waits }: LoadResult,
  events: number,
  cpu: Measured['cpu'],
): Measured {
  if (refused > 0) throw new Error(`${refused} of ${answered + refused} requests were not answered 200`);
  return {
    messages: answered * events,
    seconds: took,
    lost: 0,
    doubled: 0,
    cpu,
    notes: { 'answer p50 ms': quantile(waits, 0.5), 'p99 ms': quantile(waits, 0.99) },
  };
}

function perfArm(topic: string, recordSize: number, meter: CpuMeter): Arm {
  const [records, warmup] = [
    numberSetting('BENCH_PERF_RECORDS', 1_500_000),
    numberSetting('BENCH_PERF_WARMUP', 300_000),
  ];
  return {
    name: 'kafka-producer-perf-test',
    run: async () => {
      await meter.untilIdle();
      const from = await endsOf(topic);
      meter.begin();
      const produced = await producerPerformance({ topic, records, warmup, recordSize });
      // Random bytes without ids: counted, not told apart. Its process's start and warm-up are shared out over all its records.
      const written = [...(await endsOf(topic))].reduce(
        (sum, [partition, end]) => sum + end - (from.get(partition) ?? 0),
        0,
      );
      const share = produced.records / (records + warmup);
      const cpu = Object.fromEntries(
        Object.entries({ ...meter.used(), 'perf-test': produced.cpuSeconds }).map(([name, used]) => [
          name,
          used * share,
        ]),
      );
      await empty(topic);
      return {
        messages: produced.records,
        seconds: produced.records / produced.perSecond,
        lost: records + warmup - written,
        doubled: 0,
        cpu,
      };
    },
  };
}

/** The size of a record on the topic, key and all: what the peer is given to write. */
async function recordSizeOf(load: Child, ingest: IngestService): Promise<number> {
  const from = await endsOf(ingest.topic);
  await load.ask('run', { ...bulk, ...ingest, seconds: null, requests: 5 });
  let [bytes, records] = [0, 0];
  await readBetween(ingest.topic, from, await endsOf(ingest.topic), (value, key) => {
    bytes += value.length + (key?.length ?? 0);
    records += 1;
  });
  return Math.round(bytes / records);
}

await runBenchmark('ingest', async (closing) => {
  const [load, bare, counting] = await Promise.all(
    ['http-load', 'bare-http', 'bare-http'].map((name) => Child.start(name)),
  );
  if (!load || !bare || !counting) throw new Error('not started');
  for (const child of [load, bare, counting]) closing.add(() => child.stop());
  const [barePort, countingPort] = [
    await bare.ask<number>('listen', 'bare'),
    await counting.ask<number>('listen', 'counting'),
  ];
  const ingest = await startIngest(closing);
  const perfTopic = `${ingest.topic}-perf`;
  await makeTopic(perfTopic);
  const meter = new CpuMeter({
    client: load.pid,
    'node:http': bare.pid,
    counting: counting.pid,
    ingest: ingest.pid,
    kafka: listenerOf(Number(brokers()[0]?.split(':')[1])),
  });
  const recordSize = await recordSizeOf(load, ingest);

  const ceiling = await load.ask<LoadResult>('run', {
    ...single,
    port: countingPort,
    authorization: 'Basic YmVuY2g6',
    seconds: Math.min(seconds, 3),
  });
  progress(`the client's own ceiling: ${Math.round(ceiling.answered / ceiling.seconds)}/s`);
  const arms = [
    bareArm('node:http', { load, port: barePort, meter }),
    ingestArm('ingest, 1 per request', single, { load, ingest, meter }),
    bareArm('node:http again', { load, port: barePort, meter }),
    perfArm(perfTopic, recordSize, meter),
    ingestArm(`ingest, ${BATCH} per request`, bulk, { load, ingest, meter }),
  ];
  const runs = await interleave(arms, rounds());
  const admin = bareKafka().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [perfTopic] });
  await admin.disconnect();
  return {
    config: {
      durability:
        'ingest answers once Kafka has the event (acks=all, one broker, page cache as Kafka has it), kafka-producer-perf-test the same; node:http keeps nothing',
      client: `${single.connections} connections, ${single.pipelining} in flight on each (bulk ${bulk.connections}); its ceiling against a server that only counts bytes is ${Math.round(ceiling.answered / ceiling.seconds)}/s`,
      'perf-test': `${Object.entries(producerSettings)
        .map(([name, value]) => `${name}=${value}`)
        .join(
          ' ',
        )}, idempotent, ${recordSize} bytes a record as ingest writes them, ${PARTITIONS} partitions, rate after its warm-up`,
      'each run': `${seconds} s, ${rounds()} rounds`,
    },
    arms: runs,
    comparisons: [
      compare('single: ingest / node:http', runs[1], runs[0], 0.8),
      compare('bulk: ingest / kafka-producer-perf-test', runs[4], runs[3], 0.4),
    ],
    control: compare('control: node:http again / node:http', runs[2], runs[0]),
    tables: [
      {
        title: 'The client has headroom when this is well below 1:',
        head: ['arm', 'rate / client ceiling'],
        rows: runs
          .slice(0, 3)
          .map(({ name, runs: [run] }) => [
            name,
            run ? (rateOf(run) / (ceiling.answered / ceiling.seconds)).toFixed(2) : '',
          ]),
      },
    ],
  };
});
