import { answers } from '../rig/child.js';
import { bareKafka, PARTITIONS } from '../rig/kafka.js';
import { CONCURRENCY, PushClient, pushBody, sinkToken } from '../rig/push-client.js';
import { tokenOf } from '../rig/people.js';

/** What the pipe reads and where it sends. */
export interface PipeOrder {
  readonly topic: string;
  readonly url: string;
  readonly controlUrl: string;
}

interface Piped {
  readonly profileId: string;
  readonly messageId: string;
}

let inFlight = 0;
const waiting: (() => void)[] = [];

/** As many calls at a time as a dispatcher makes, over all partitions together. */
async function withPlace(work: () => Promise<void>): Promise<void> {
  if (inFlight >= CONCURRENCY) await new Promise<void>((resolve) => waiting.push(resolve));
  else inFlight += 1;
  try {
    await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else inFlight -= 1;
  }
}

/** Consume, call, commit: a push for every event, without a profile, a segment, a journey, a template or a ledger. */
async function start({ topic, url, controlUrl }: PipeOrder): Promise<void> {
  const client = new PushClient(url, await sinkToken(controlUrl));
  const consumer = bareKafka('bare-pipe').consumer({ groupId: `${topic}-pipe`, allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: async (fetched) => {
      const { batch } = fetched;
      const beat = setInterval(() => void fetched.heartbeat().catch(() => undefined), 1000);
      const events = batch.messages.map(({ value }) => JSON.parse(String(value)) as Piped);
      // Each profile's calls one after another, as order per profile asks.
      const profiles = Map.groupBy(events, ({ profileId }) => profileId);
      await Promise.all([...profiles.values()].map(async (own) => {
        for (const { profileId, messageId } of own) await withPlace(() => client.post(pushBody(tokenOf(profileId), messageId)));
      })).finally(() => clearInterval(beat)); // prettier-ignore
      fetched.resolveOffset(batch.lastOffset());
      await consumer.commitOffsets([
        { topic, partition: batch.partition, offset: String(Number(batch.lastOffset()) + 1) },
      ]);
    },
  });
  await joined;
}

answers({ start });
