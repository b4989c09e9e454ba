import { describe, expect, it } from '@jest/globals';
import { InfrastructureError, MessageTooLarge } from './infrastructure-error.js';
import { silent } from './kafka-settings.js';
import { SendQueue } from './send-queue.js';
import { RecordRefused, type Sender, type SendRecord } from './sender.js';

const record = (value: string, topic = 'a', bytes = 10) => ({ topic, key: null, value, headers: {}, bytes });
const values = (records: readonly SendRecord[]) => records.map(({ value }) => String(value));

/** A broker with one log; what it does with a send is said by `answer`, send by send. */
class FakeBroker {
  readonly sends: { producer: number; values: string[] }[] = [];
  readonly log: string[] = [];
  inFlight = 0;
  mostInFlight = 0;
  producers = 0;
  reachable = true;
  answer: (values: string[], attempt: number) => 'ack' | 'lost' | 'unreachable' | 'refused' = () => 'ack';

  open = async (): Promise<Sender> => {
    if (!this.reachable) throw new Error('ECONNREFUSED');
    const producer = ++this.producers;
    let written = '';
    return {
      send: async (records) => {
        this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        this.inFlight--;
        const sent = values(records);
        this.sends.push({ producer, values: sent });
        const answer = this.answer(sent, this.sends.length);
        if (answer === 'refused') throw new RecordRefused('too-large');
        if (answer === 'unreachable') throw new Error('Broker not connected');
        // An idempotent producer's repetition is recognised; another producer's is not.
        if (written !== sent.join()) this.log.push(...sent);
        written = sent.join();
        if (answer === 'lost') throw new Error('Connection closed');
      },
      reconnect: async () => {},
      close: async () => {},
    };
  };
}

const queueOn = (broker: FakeBroker, options = {}) =>
  new SendQueue(broker.open, { deadlineMs: 20_000, maxQueuedBytes: 1_000_000, log: silent, ...options });

describe('SendQueue', () => {
  it('has one send in flight and joins what arrives meanwhile into the next', async () => {
    const broker = new FakeBroker();
    const queue = queueOn(broker);
    const first = queue.publish([record('1')]);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, ...['2', '3', '4', '5'].map((value) => queue.publish([record(value)]))]);
    expect(broker.mostInFlight).toBe(1);
    expect(broker.log).toEqual(['1', '2', '3', '4', '5']);
    expect(broker.sends.length).toBeLessThan(4);
  });

  it('resolves a publish only when its last record is acknowledged', async () => {
    const broker = new FakeBroker();
    const many = Array.from({ length: 2_500 }, (_, index) => record(String(index)));
    await queueOn(broker).publish(many);
    expect(broker.sends.map(({ values: sent }) => sent.length)).toEqual([1000, 1000, 500]);
    expect(broker.log).toHaveLength(2_500);
  });

  it('sends the same records again by the same producer after an answer was lost: none lost, none doubled', async () => {
    const broker = new FakeBroker();
    broker.answer = (_sent, attempt) => (attempt === 2 ? 'lost' : 'ack');
    const queue = queueOn(broker);
    for (const value of ['1', '2', '3']) await queue.publish([record(value)]);
    expect(broker.log).toEqual(['1', '2', '3']);
  });

  it('turns to a new producer when the old one cannot go on', async () => {
    const broker = new FakeBroker();
    await queueOn(broker).publish([record('0')]);
    broker.answer = (_sent, attempt) => (attempt === 2 || attempt === 3 ? 'unreachable' : 'ack');
    const queue = queueOn(broker);
    await queue.publish([record('1'), record('2')]);
    expect(broker.log).toEqual(['0', '1', '2']);
    const producers = broker.sends.slice(1).map(({ producer }) => producer);
    expect(producers[0]).toBe(producers[1]);
    expect(producers[2]).not.toBe(producers[0]);
  });

  it('refuses only the record that is too large, and sends its neighbours in order', async () => {
    const broker = new FakeBroker();
    broker.answer = (sent) => (sent.includes('big') ? 'refused' : 'ack');
    const queue = queueOn(broker);
    const results = await Promise.allSettled(
      ['1', '2', 'big', '3', '4'].map((value) => queue.publish([record(value)])),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[2]).toMatchObject({ reason: expect.any(MessageTooLarge) });
    expect(broker.log).toEqual(['1', '2', '3', '4']);
  });

  it('rejects with InfrastructureError when the deadline passes, and works again afterwards', async () => {
    const broker = new FakeBroker();
    broker.reachable = false;
    const queue = queueOn(broker, { deadlineMs: 50 });
    await expect(queue.publish([record('1')])).rejects.toBeInstanceOf(InfrastructureError);
    expect(queue.reachable).toBe(false);
    broker.reachable = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await queue.publish([record('2')]);
    expect(broker.log).toEqual(['2']);
  });

  it('does not reuse a producer whose last send has an unknown outcome', async () => {
    const broker = new FakeBroker();
    broker.answer = (sent) => (sent.includes('1') ? 'lost' : 'ack');
    const queue = queueOn(broker, { deadlineMs: 40 });
    await expect(queue.publish([record('1')])).rejects.toBeInstanceOf(InfrastructureError);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await queue.publish([record('2')]);
    const of = (value: string) =>
      broker.sends.filter(({ values: sent }) => sent.includes(value)).map(({ producer }) => producer);
    expect(of('1')).not.toContain(of('2')[0]);
  });

  it('rejects at once when too much waits', async () => {
    const broker = new FakeBroker();
    broker.reachable = false;
    const queue = queueOn(broker, { deadlineMs: 50, maxQueuedBytes: 100 });
    const waiting = queue.publish([record('1', 'a', 90)]);
    await expect(queue.publish([record('2', 'a', 20)])).rejects.toThrow('wait for Kafka');
    await expect(waiting).rejects.toBeInstanceOf(InfrastructureError);
  });

  it('sends what it accepted before it closes, and takes nothing after', async () => {
    const broker = new FakeBroker();
    const queue = queueOn(broker);
    const accepted = queue.publish([record('1')]);
    await queue.close();
    await accepted;
    expect(broker.log).toEqual(['1']);
    await expect(queue.publish([record('2')])).rejects.toThrow('closed');
  });
});
