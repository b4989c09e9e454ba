import { join } from 'node:path';
import { outputOf } from '../../harness/output-of.js';
import { cpuOfEndedChildren } from '../measure/proc.js';
import { given } from '../measure/settings.js';
import { brokers } from './kafka.js';

/** How Kafka's own load generator is tuned; the rest is the client's default, which is idempotent. */
export const producerSettings = {
  acks: 'all',
  'batch.size': '131072',
  'linger.ms': '5',
  'compression.type': 'none',
} as const;

/** What it reports of the records after its warm-up. */
export interface Produced {
  readonly records: number;
  readonly perSecond: number;
  /** Of its whole process, JVM start and warm-up included. */
  readonly cpuSeconds: number;
}

/** Runs `kafka-producer-perf-test` to its end. */
export async function producerPerformance({
  topic,
  records,
  warmup,
  recordSize,
}: {
  readonly topic: string;
  readonly records: number;
  readonly warmup: number;
  readonly recordSize: number;
}): Promise<Produced> {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';
  const settings = Object.entries({ 'bootstrap.servers': brokers().join(','), ...producerSettings }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const counts = [
    '--num-records',
    String(records + warmup),
    '--warmup-records',
    String(warmup),
    '--record-size',
    String(recordSize),
    '--throughput',
    '-1',
  ];
  const before = cpuOfEndedChildren();
  const { code, stdout, stderr } = await outputOf(java, [
    '-Xms256m',
    '-Xmx512m',
    '-cp',
    join(given('KAFKA_LIBS'), '*'),
    'org.apache.kafka.tools.ProducerPerformance',
    '--topic',
    topic,
    ...counts,
    '--command-property',
    ...settings,
  ]);
  if (code !== 0) throw new Error(`${java} ended with ${code}\n${(stdout + stderr).slice(-2000)}`);
  const rates = [
    ...stdout.matchAll(
      /^(\d+) records sent, ([\d.]+) records\/sec .*latency.*percentile|^(\d+) records sent, ([\d.]+) records\/sec .*th\b/gm,
    ),
  ];
  const last = rates.at(-1);
  if (!last) throw new Error(`kafka-producer-perf-test said nothing that can be read:\n${stdout}`);
  return {
    records: Number(last[1] ?? last[3]),
    perSecond: Number(last[2] ?? last[4]),
    cpuSeconds: cpuOfEndedChildren() - before,
  };
}
