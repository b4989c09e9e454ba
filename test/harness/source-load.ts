import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashRig } from './crash-rig.js';
import { KafkaPeer } from './kafka-peer.js';
import { persistently } from './sender.js';

const secret = Buffer.from('a secret that a customer shares with their shop').toString('base64');

/** Records on a topic of a customer's own, and webhooks of another's, that become events by a mapping. */
export class SourceLoad {
  /** Records that can be mapped, and as many webhooks; each is of somebody of its own. */
  readonly count: number;
  /** Records that cannot. */
  readonly bad = 5;
  private readonly topic = `shop-orders-${randomUUID().slice(0, 8)}`;
  private readonly kafka: KafkaPeer;

  constructor(
    private readonly rig: CrashRig,
    { count }: { readonly count: number },
  ) {
    this.count = count;
    this.kafka = new KafkaPeer(rig.installation.kafkaBrokers, '');
  }

  /** Makes the topic, and publishes both sources and what is counted of them. */
  async publish(): Promise<void> {
    const { installation } = this.rig;
    await this.kafka.makeTopic(this.topic, 3);
    const { sealed } = await installation.api<{ sealed: string }>('POST', '/api/v1/sources/billing/seal', { secret: `whsec_${secret}` });
    const map = (event: string) => ({ type: "'track'", userId: 'customer', event: `'${event}'`, properties: "{ 'n': n }" });
    await installation.api('POST', '/api/v1/definitions/apply', {
      sources: [
        { id: 'orders', kafka: { topic: this.topic, from: 'earliest' }, map: map('Order Read') },
        { id: 'billing', webhook: { signature: { scheme: 'standard-webhooks', sealedSecrets: [sealed] } }, map: map('Invoice Paid') },
      ],
      segments: [
        { id: 'read-once', where: { performed: 'Order Read', exactly: 1 } },
        { id: 'paid-once', where: { performed: 'Invoice Paid', exactly: 1 } },
      ],
    });
  }

  /** Writes all records and makes all calls, spread over so many seconds. */
  async play(seconds: number): Promise<void> {
    const slots = seconds * 2;
    const sent: Promise<void>[] = [];
    for (let slot = 0; slot < slots; slot += 1) {
      const numbers = Array.from({ length: this.count }, (_, n) => n).filter((n) => n % slots === slot);
      const values = numbers.map((n) => JSON.stringify({ customer: `reader-${n}`, n }));
      if (slot < this.bad) values.splice(slot, 0, `no JSON ${slot}`);
      sent.push(persistently(() => this.kafka.write(this.topic, values.map((value) => ({ value }))).then(() => ({ ok: true }))));
      // A sender that heard no answer sends again: every tenth heard none.
      sent.push(...numbers.flatMap((n) => (n % 10 === 0 ? [n, n] : [n])).map((n) => persistently(() => this.call(n))));
      await sleep(500);
    }
    await Promise.all(sent);
  }

  private call(n: number): Promise<Response> {
    const body = JSON.stringify({ customer: `payer-${n}`, n });
    const [id, time] = [`msg_${n}`, String(Math.floor(Date.now() / 1_000))];
    const digest = createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${time}.${body}`).digest('base64');
    const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${digest}` };
    return fetch(this.rig.installation.urlOf('/hooks/sources/billing'), { method: 'POST', headers, body });
  }
}
