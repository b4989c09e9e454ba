import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.js';
import type { KafkaPeer } from './kafka-peer.js';

/** A call of the Segment specification. */
export type Call = Readonly<Record<string, unknown>> & { readonly messageId: string };

/** How long somebody tries before they give up. */
const patienceMs = 90_000;

/** A customer's program: what was not acknowledged is sent again under the same ids, as often as it takes. */
export class Sender {
  constructor(
    private readonly installation: Installation,
    private readonly kafka: KafkaPeer,
  ) {}

  /** By HTTP, as one batch. */
  batch(calls: readonly Call[]): Promise<void> {
    return persistently(() => this.installation.segment('batch', { batch: calls }));
  }

  /** By Kafka, in the order of the calls. */
  async inbound(calls: readonly Call[]): Promise<void> {
    const records = calls.map((call) => ({ key: call.messageId, value: JSON.stringify(call) }));
    await persistently(() => this.kafka.write('inbound', records).then(() => ({ ok: true })));
  }
}

/** Calls until the answer is good. */
export async function persistently(call: () => Promise<{ readonly ok: boolean }>): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(250)) {
    // Nobody may listen, which is told at once.
    const answer = await Promise.resolve()
      .then(call)
      .catch(() => null);
    if (answer?.ok === true) return;
  }
  throw new Error('a call was never acknowledged');
}
