import { testDatabase } from '@tidings/testing';
import { CpuMeter } from './measure/cpu-meter.js';
import { listenerOf } from './measure/proc.js';
import { compare, markdown } from './measure/report.js';
import { interleave, progress, type Arm } from './measure/rounds.js';
import { given, numberSetting, rounds } from './measure/settings.js';
import { Child } from './rig/child.js';
import { bareKafka, brokers, Generator, makeTopic, newPrefix, PARTITIONS } from './rig/kafka.js';
import { benchMessages, benchRecord } from './rig/messages.js';
import { runBenchmark } from './rig/run.js';
import type { Consumed, ConsumeOrder } from './rig/tally.js';

/** The most messages of a batch of the bus, and therefore of a commit. */
const BATCH = 500;
const total = numberSetting('BENCH_MESSAGES', 1_000_000);
/** With a handler that waits: enough for ours to run a second or two, and for the one it is compared with not to take minutes. */
const waiting = {
  ours: numberSetting('BENCH_WAITING_MESSAGES', 200_000),
  nest: numberSetting('BENCH_NEST_MESSAGES', 30_000),
};

interface Rig {
  /** Topics of these many messages are under these prefixes. */
  readonly prefixes: ReadonlyMap<number, string>;
  readonly databaseUrl: string;
  readonly kafkaPid: number | null;
  readonly postgresPid: number | null;
}

/** One run: a fresh process and a fresh group read a whole topic; the clock starts when a fifth of it is behind them. */
function consumerArm(
  name: string,
  process: string,
  order: Pick<ConsumeOrder, 'total' | 'delayMs' | 'positions'> & { readonly commitEvery?: number },
  rig: Rig,
): Arm {
  return {
    name,
    run: async (round) => {
      const child = await Child.start(process);
      const meter = new CpuMeter({ kafka: rig.kafkaPid, postgres: rig.postgresPid });
      await meter.untilIdle();
      meter.begin();
      const prefix = rig.prefixes.get(order.total) ?? '';
      const group = `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${round}`;
      const whole = {
        commitEvery: BATCH,
        ...order,
        prefix,
        group,
        warmup: Math.floor(order.total / 5),
        databaseUrl: rig.databaseUrl,
        concurrency: PARTITIONS,
      } satisfies ConsumeOrder;
      const { cpuSeconds, outOfOrder, ...result } = await child.ask<Consumed>('consume', whole);
      // The servers worked for the warm-up too.
      const share = result.messages / order.total;
      const servers = Object.entries(meter.used()).map(([server, seconds]) => [server, seconds * share]);
      await child.stop();
      return {
        ...result,
        cpu: { consumer: cpuSeconds, ...(Object.fromEntries(servers) as Record<string, number>) },
        notes: { 'out of order': outOfOrder },
      };
    },
  };
}

/** Writes the messages once; every run reads them again. */
async function fill(messages: number): Promise<string> {
  const prefix = newPrefix();
  const topic = prefix + benchMessages.name;
  await makeTopic(topic);
  const generator = new Generator();
  await generator.connect();
  for (let from = 0; from < messages; from += 50_000) {
    await generator.sendAll(
      topic,
      Array.from({ length: Math.min(50_000, messages - from) }, (_, index) => benchRecord(from + index)),
    );
  }
  await generator.disconnect();
  progress(`${messages} messages of ${benchRecord(0).value.length} bytes are on ${topic}`);
  return prefix;
}

await runBenchmark('consumer', async (closing) => {
  const database = await testDatabase([{ schema: 'bench', migrations: [] }]);
  closing.add(() => database.drop());
  const prefixes = new Map<number, string>();
  for (const messages of new Set([total, waiting.ours, waiting.nest])) prefixes.set(messages, await fill(messages));
  closing.add(() => dropTopics([...prefixes.values()]));
  const rig = {
    prefixes,
    databaseUrl: database.url,
    kafkaPid: listenerOf(Number(brokers()[0]?.split(':')[1])),
    postgresPid: listenerOf(Number(new URL(given('TEST_DATABASE_URL')).port || 5432)),
  };
  const idle = { total, delayMs: 0 } as const;
  const runs = await interleave(
    [
      consumerArm('kafkajs eachBatch, 0 ms', 'bare-consumer', { ...idle, positions: 'committed' }, rig),
      consumerArm('bus, positions in Kafka, 0 ms', 'bus-consumer', { ...idle, positions: 'committed' }, rig),
      consumerArm('bus, positions in Postgres, 0 ms', 'bus-consumer', { ...idle, positions: 'stored' }, rig),
      consumerArm('kafkajs eachBatch again, 0 ms', 'bare-consumer', { ...idle, positions: 'committed' }, rig),
      consumerArm(
        'kafkajs eachBatch, a commit per fetch, 0 ms',
        'bare-consumer',
        { ...idle, positions: 'committed', commitEvery: Infinity },
        rig,
      ),
      consumerArm(
        'Nest Kafka transport, 1 ms',
        'nest-consumer',
        { total: waiting.nest, delayMs: 1, positions: 'committed' },
        rig,
      ),
      consumerArm(
        'bus, positions in Postgres, 1 ms',
        'bus-consumer',
        { total: waiting.ours, delayMs: 1, positions: 'stored' },
        rig,
      ),
    ],
    rounds(),
  );
  const outOfOrder = runs.reduce(
    (sum, arm) => sum + arm.runs.reduce((all, { notes }) => all + (notes?.['out of order'] ?? 0), 0),
    0,
  );
  if (outOfOrder > 0)
    throw new Error(
      `${outOfOrder} messages were handled before an earlier one of the same key\n${markdown(
        ['arm'],
        runs.map(({ name }) => [name]),
      )}`,
    );
  return {
    config: {
      durability:
        'at least once in all arms: the position is committed after each 500 messages (a fetch holds up to 1 MB of a partition for the bare client, 512 KB for the bus), to Kafka or (with the fsync that Postgres is set to) to Postgres; Nest commits as kafkajs does by itself, every 5 s',
      messages: `${total} of 400 bytes of JSON, ${PARTITIONS} partitions, ${PARTITIONS} at a time in every arm; the clock starts after a fifth of them; every arm parses, the bus also checks the contract`,
      handler:
        '0 ms only counts (each id once, each key in order); 1 ms waits a timer of 1 ms per message, the bus one key after another and keys beside each other within its batch of 500',
      'nest transport': `run: { partitionsConsumedConcurrently: ${PARTITIONS} }; its default is 1; ${waiting.nest} messages, and ${waiting.ours} for the bus`,
      'each run': `a fresh process and group, ${rounds()} rounds`,
    },
    arms: runs,
    comparisons: [
      compare('0 ms: bus with positions in Kafka / kafkajs eachBatch', runs[1], runs[0], 0.8),
      compare('0 ms: bus with positions in Postgres / kafkajs eachBatch', runs[2], runs[0], 0.8),
      compare('1 ms: bus with positions in Postgres / Nest Kafka transport', runs[6], runs[5], 10),
      compare('0 ms: bus with positions in Postgres / kafkajs eachBatch with a commit per fetch', runs[2], runs[4]),
    ],
    control: compare('control: kafkajs eachBatch again / kafkajs eachBatch', runs[3], runs[0]),
  };
});

async function dropTopics(prefixes: readonly string[]): Promise<void> {
  const admin = bareKafka().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: prefixes.map((prefix) => prefix + benchMessages.name) });
  await admin.disconnect();
}
