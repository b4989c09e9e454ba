import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Envelope } from './batch.js';
import { InfrastructureError } from './infrastructure-error.js';
import { clientRetry } from './kafka-client.js';
import { leave } from './leave.js';
import { ReadEnvelope } from './read-envelope.js';
import { Watermarks, type Watermark } from './watermarks.js';

/** A record as its bytes. */
export type LastRecord = Envelope<Buffer | null>;

/** Which records to read. */
export interface LastRecordsOptions {
  readonly topic: string;
  readonly count: number;
  readonly signal: AbortSignal;
  /** What the name of the reader's group begins with. */
  readonly prefix: string;
}

/** Reads the end of every partition, once: a group of its own that commits nothing and is gone afterwards. */
export async function lastRecords(kafka: Kafka, { topic, count, signal, prefix }: LastRecordsOptions): Promise<readonly LastRecord[]> {
  const watermarks = new Watermarks(kafka);
  const ends = await watermarks.of(topic).finally(() => watermarks.close());
  const open = new Map([...ends].filter(([, { low, high }]) => high > low));
  if (open.size === 0) return [];
  const consumer = kafka.consumer({
    groupId: `${prefix}reader.${topic}.${randomUUID()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 200,
    retry: { ...clientRetry, restartOnFailure: async () => false },
  });
  try {
    const records = await read(consumer, topic, open, count, signal);
    return records.toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime()).slice(-count);
  } finally {
    await leave(consumer);
  }
}

async function read(
  consumer: Consumer,
  topic: string,
  open: Map<number, Watermark>,
  count: number,
  signal: AbortSignal,
): Promise<readonly LastRecord[]> {
  const records: LastRecord[] = [];
  const done = Promise.withResolvers<void>();
  const giveUp = () => done.reject(new InfrastructureError(`the end of ${topic} could not be read in time`));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, { low, high }] of open)
      consumer.seek({ topic, partition, offset: String(Math.max(low, high - count)) });
  });
  // Batches of nothing but control records never reach eachBatch, and still lead to the end.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    const end = open.get(payload.partition);
    if (end && Number(payload.lastOffset) + 1 >= end.high) open.delete(payload.partition);
    if (open.size === 0) done.resolve();
  });
  // Whoever waits hears it below; a rejection before that must not end the process.
  done.promise.catch(() => {});
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => keep(payload, topic, open, records) });
    await done.promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return records;
}

/** What was written after we asked is left out: a busy topic would never end. */
async function keep({ batch }: EachBatchPayload, topic: string, open: ReadonlyMap<number, Watermark>, records: LastRecord[]): Promise<void> {
  const end = open.get(batch.partition)?.high ?? 0;
  for (const record of batch.messages)
    if (Number(record.offset) < end) records.push(new ReadEnvelope(record, topic, batch.partition, record.value));
}
