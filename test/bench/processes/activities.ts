import { setTimeout as sleep } from 'node:timers/promises';
import { bareKafka } from '../rig/kafka.js';
import { answers } from '../rig/child.js';

/** What was read since the last mark. */
export interface ReadActivities {
  /** Distinct events that were told, and how often one was told again. */
  readonly events: number;
  readonly doubled: number;
  /** Memberships that began and ended. */
  readonly changes: number;
  /** From when a cause was received or fell due until its activity was read, in ms: of all events, and of those causes that changed a membership. */
  readonly latencies: Readonly<Record<'events' | 'changed by events' | 'changed by time', Float64Array>>;
  /** Activities of publishing. */
  readonly published: number;
}

interface Activity {
  readonly cause: { readonly source: string; readonly position: number };
  readonly event: { readonly messageId: string } | null;
  readonly profileId: string;
  readonly entered: readonly string[];
  readonly left: readonly string[];
  readonly at: string;
}

const now = (): number => performance.timeOrigin + performance.now();

let seen = new Set<string>();
let doubled = 0;
let changes = 0;
let published = 0;
let latencies = empty();

function empty() {
  return { events: [] as number[], 'changed by events': [] as number[], 'changed by time': [] as number[] };
}

function take({ cause, event, profileId, entered, left, at }: Activity, read: number): void {
  const changed = entered.length + left.length;
  changes += changed;
  if (cause.source === 'segments') {
    published += 1;
    return;
  }
  const latency = read - Date.parse(at);
  if (event === null) {
    latencies['changed by time'].push(latency);
    return;
  }
  const id = `${profileId} ${event.messageId}`;
  if (seen.has(id)) doubled += 1;
  seen.add(id);
  latencies.events.push(latency);
  if (changed > 0) latencies['changed by events'].push(latency);
}

answers({
  start: async ({ topic }: { readonly topic: string }) => {
    const consumer = bareKafka('activities').consumer({ groupId: `${topic}.bench`, allowAutoTopicCreation: false, maxWaitTimeInMs: 10 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const read = now();
        for (const { value } of batch.messages) if (value !== null) take(JSON.parse(value.toString()) as Activity, read);
      },
    });
  },
  /** Forgets what was read until now. */
  mark: () => {
    seen = new Set();
    [doubled, changes, published, latencies] = [0, 0, 0, empty()];
  },
  /** Waits until so many distinct events were told, or none has been for so long. */
  until: async ({ events, patienceMs }: { readonly events: number; readonly patienceMs: number }): Promise<ReadActivities> => {
    for (let last = -1, since = now(); seen.size < events && now() - since < patienceMs; await sleep(20)) {
      if (seen.size !== last) [last, since] = [seen.size, now()];
    }
    return read();
  },
  read,
});

function read(): ReadActivities {
  const asArrays = Object.fromEntries(Object.entries(latencies).map(([name, values]) => [name, Float64Array.from(values)]));
  return { events: seen.size, doubled, changes, published, latencies: asArrays as ReadActivities['latencies'] };
}
