import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashRig } from './crash-rig.js';
import { eventually } from './eventually.js';
import { Sender, type Call } from './sender.js';
import { ordered, strangersOf, visitorsOf, type Strangers, type Visitor } from './visitors.js';

const slotMs = 200;

/** A run as the API shows it. */
interface ShownRun {
  readonly journey: string;
  readonly key: string | null;
  readonly step: string;
}

/** People who go by several ids, on an installation where a cart that is filled waits for its order. */
export class Identities {
  readonly visitors: readonly Visitor[];
  readonly strangers: readonly Strangers[];
  private readonly sender: Sender;

  constructor(
    private readonly rig: CrashRig,
    { prefix, count, note }: { readonly prefix: string; readonly count: number; readonly note?: string },
  ) {
    this.visitors = visitorsOf(prefix, count, note);
    this.strangers = strangersOf(`${prefix}-shared`, Math.ceil(count / 2));
    this.sender = new Sender(rig.installation, rig.kafka);
  }

  /** What must be published before anybody comes. */
  static readonly definitions = {
    segments: [
      { id: 'visited-thrice', where: { performed: 'Visited', exactly: 3 } },
      { id: 'regulars', where: { all: [{ trait: 'plan', equals: 'pro' }, { performed: 'Visited', atLeast: 3, withinLast: '30d' }] } },
    ],
    journeys: [
      {
        id: 'cart',
        entry: [{ event: 'Cart Filled' }],
        key: 'properties.cart',
        steps: [
          { id: 'wait', waitFor: { event: 'Cart Ordered', sameKey: 'properties.cart', atMost: '1d' }, onTimeout: 'end' },
          { id: 'thanks', message: { push: { template: 'hello' } } },
        ],
      },
    ],
  };

  /** Everybody's calls, in an order and through doors that chance picks, spread over so many seconds; some come twice. */
  async play(seconds: number, random: () => number): Promise<void> {
    const slots = Array.from({ length: Math.ceil((seconds * 1_000) / slotMs) }, () => ({ http: [] as Call[], kafka: [] as Call[] }));
    for (const call of [...this.visitors, ...this.strangers].flatMap(({ calls }) => calls)) {
      const times = random() < 0.1 ? 2 : 1;
      // A key that may only send cannot say that two known people are one.
      const byKafka = call['type'] === 'alias' || random() < 0.3;
      for (let time = 0; time < times; time += 1) slots[Math.floor(random() * slots.length)]?.[byKafka ? 'kafka' : 'http'].push(call);
    }
    const sent: Promise<void>[] = [];
    for (const { http, kafka } of slots) {
      if (http.length > 0) sent.push(this.sender.batch(http));
      if (kafka.length > 0) sent.push(this.sender.inbound(kafka));
      await sleep(slotMs);
    }
    await Promise.all(sent);
  }

  /** Who owns each cart in the end. */
  async owners(): Promise<ReadonlyMap<string, string>> {
    const shared = await Promise.all(this.strangers.map(async ({ device }) => [device.replace('anonymous:', ''), await this.idOf(device)] as const));
    return new Map([...this.visitors.map(({ id }) => [id, id] as const), ...shared]);
  }

  /** Orders carts under the ids of those who own them. */
  order(owners: ReadonlyMap<string, string>): Promise<void> {
    return this.sender.batch([...owners].map(([cart, owner]) => ordered(owner, cart)));
  }

  /** Under which id the profile of an id is shown. */
  async idOf(id: string): Promise<string> {
    return (await this.rig.installation.api<{ id: string }>('GET', `/api/v1/profiles/${encodeURIComponent(id)}`)).id;
  }

  /** Visitors of whom an id does not answer with the one that is left, once nothing more is to come or the time is over. */
  async apart(timeoutMs: number): Promise<readonly string[]> {
    return this.none(timeoutMs, async () => {
      const wrong = this.visitors.map(async ({ id, otherIds }) => {
        const ids = await Promise.all([id, ...otherIds].map((each) => this.idOf(each).catch(() => 'nobody')));
        return ids.every((each) => each === id) ? [] : [`${id}: ${ids.join(' ')}`];
      });
      return (await Promise.all(wrong)).flat();
    });
  }

  /** Visitors and strangers whose runs on their way are other than one that waits for the order of their own cart. */
  async strayed(timeoutMs: number): Promise<readonly string[]> {
    const carts = [...this.visitors.map(({ id, otherIds }) => ({ cart: id, ids: [id, ...otherIds] })), ...this.strangers.map(({ device }) => ({ cart: device.replace('anonymous:', ''), ids: [device] }))];
    return this.none(timeoutMs, async () => {
      const wrong = carts.map(async ({ cart, ids }) => {
        const runs = await Promise.all(ids.map((id) => this.runsOf(id)));
        const isRight = runs.every((all) => all.length === 1 && all[0]?.key === cart && all[0].step === 'wait');
        return isRight ? [] : [`${cart}: ${JSON.stringify(runs)}`];
      });
      return (await Promise.all(wrong)).flat();
    });
  }

  /** Erases every visitor by one of their ids, however often it has to be asked for; answers with the ids of the erasures. */
  erase(random: () => number): Promise<readonly string[]> {
    return Promise.all(
      this.visitors.map(({ id, otherIds }) => {
        const ids = [id, ...otherIds];
        const named = encodeURIComponent(ids[Math.floor(random() * ids.length)] ?? id);
        return eventually(async () => (await this.rig.installation.api<{ id: string }>('DELETE', `/api/v1/profiles/${named}`)).id, 60_000, 250);
      }),
    );
  }

  private async runsOf(id: string): Promise<readonly ShownRun[]> {
    const { items } = await this.rig.installation.api<{ items: ShownRun[] }>('GET', `/api/v1/profiles/${encodeURIComponent(id)}/runs`);
    return items.filter(({ journey }) => journey === 'cart').map(({ journey, key, step }) => ({ journey, key, step }));
  }

  /** The last answer of a question whose right answer is nothing. */
  private async none(timeoutMs: number, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
    let last: readonly string[] = [];
    const asked = async () => {
      last = await ask();
      if (last.length > 0) throw new Error(last.join('\n'));
    };
    await eventually(asked, timeoutMs, 500).catch(() => undefined);
    return last;
  }
}
