import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.js';
import type { KafkaPeer } from './kafka-peer.js';

/** What a load did: the profiles whose events were acknowledged, and what calls were answered otherwise. */
export interface LoadResult {
  readonly acknowledged: readonly string[];
  readonly answers: ReadonlyMap<number | 'refused', number>;
  /** Profiles whose acknowledgement never came although they were tried to the end. */
  readonly unacknowledged: readonly string[];
}

/** How hard and how long. Each profile is two events: who they are, with a device, and that they signed up. */
export interface LoadPlan {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly prefix: string;
  /** How many of ten profiles come through Kafka instead of HTTP. */
  readonly tenthsByKafka: number;
}

const calls = (profile: string) => [
  {
    type: 'identify',
    userId: profile,
    messageId: `${profile}-identify`,
    context: { device: { id: 'phone', type: 'android', token: profile } },
  },
  { type: 'track', userId: profile, messageId: `${profile}-signed-up`, event: 'Signed Up' },
];

/** Sends at a steady rate whatever happens; a call that fails is made again with the same ids, as a Segment library does. */
export async function runLoad(installation: Installation, kafka: KafkaPeer, plan: LoadPlan): Promise<LoadResult> {
  const answers = new Map<number | 'refused', number>();
  const acknowledged: string[] = [];
  const unacknowledged: string[] = [];
  const perTick = Math.max(1, Math.round(plan.eventsPerSecond / 2 / 10));
  const pending: Promise<void>[] = [];
  const started = Date.now();
  for (let tick = 0; tick < plan.seconds * 10; tick += 1) {
    const profiles = Array.from({ length: perTick }, (_, index) => `${plan.prefix}-${tick}-${index}`);
    const split = Math.round((perTick * plan.tenthsByKafka) / 10);
    const [byKafka, byHttp] = [profiles.slice(0, split), profiles.slice(split)];
    pending.push(...byHttp.map((profile) => send(profile)));
    if (byKafka.length > 0) pending.push(write(byKafka));
    await sleep(Math.max(0, started + (tick + 1) * 100 - Date.now()));
  }
  await Promise.all(pending);
  return { acknowledged, answers, unacknowledged };

  async function send(profile: string): Promise<void> {
    for (const end = Date.now() + 90_000; Date.now() < end; await sleep(250)) {
      const status = await post(installation, profile);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (status === 200) return void acknowledged.push(profile);
    }
    unacknowledged.push(profile);
  }

  async function write(profiles: readonly string[]): Promise<void> {
    const records = profiles.flatMap((profile) => calls(profile).map((call) => ({ key: profile, value: JSON.stringify(call) })));
    for (const end = Date.now() + 90_000; Date.now() < end; await sleep(500)) {
      try {
        await kafka.write('inbound', records);
        return void acknowledged.push(...profiles);
      } catch {
        // The broker is away: the customer's producer tries again.
      }
    }
    unacknowledged.push(...profiles);
  }
}

async function post(installation: Installation, profile: string): Promise<number | 'refused'> {
  try {
    const response = await installation.segment('batch', { batch: calls(profile) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 'refused';
  }
}
