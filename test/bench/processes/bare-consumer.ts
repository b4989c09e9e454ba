import { answers } from '../rig/child.js';
import { bareKafka } from '../rig/kafka.js';
import { benchMessages, type BenchMessage } from '../rig/messages.js';
import { Tally, type Consumed, type ConsumeOrder } from '../rig/tally.js';

/** The client and nothing else: what is fetched is parsed and handled in a loop, and committed every so many messages. */
async function consume(order: ConsumeOrder): Promise<Consumed> {
  const tally = new Tally(order);
  const consumer = bareKafka('bare-consumer').consumer({ groupId: order.group, allowAutoTopicCreation: false });
  await consumer.connect();
  const topic = order.prefix + benchMessages.name;
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: order.concurrency,
    eachBatch: async (fetched) => {
      const { batch } = fetched;
      for (let at = 0; at < batch.messages.length; at += order.commitEvery) {
        const piece = batch.messages.slice(at, at + order.commitEvery);
        for (const { value } of piece) if (value !== null) tally.see(JSON.parse(value.toString()) as BenchMessage);
        const last = piece.at(-1)?.offset ?? batch.lastOffset();
        fetched.resolveOffset(last);
        await consumer.commitOffsets([{ topic, partition: batch.partition, offset: String(Number(last) + 1) }]);
      }
    },
  });
  const result = await tally.done;
  await consumer.disconnect();
  return result;
}

answers({ consume });
