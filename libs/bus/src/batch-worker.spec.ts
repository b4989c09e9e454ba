import { beforeEach, describe, expect, it } from '@jest/globals';
import { deadLetters, topic } from '@tidings/contracts';
import { RecordingPublisher } from '@tidings/testing';
import Type from 'typebox';
import type { Batch, Position } from './batch.js';
import { BatchWorker, Interrupted, type Handle } from './batch-worker.js';
import { Brake, TooManyDeadLetters } from './brake.js';
import { DeadLetterBox } from './dead-letter-box.js';
import { decoderOf } from './decode.js';
import { InfrastructureError, MessageTooLarge, PartitionLost } from './infrastructure-error.js';
import type { Piece } from './kafka-record.js';
import { silent } from './kafka-settings.js';
import type { Outgoing } from './publisher.js';

const numbers = topic({
  name: 'numbers',
  description: '',
  schema: Type.Object({ n: Type.Integer() }),
  key: ({ n }) => String(n),
});

const piece = (...values: (number | string)[]): Piece => ({
  topic: 'numbers',
  partition: 3,
  records: values.map((value, index) => ({
    key: Buffer.from(String(value)), value: Buffer.from(typeof value === 'number' ? JSON.stringify({ n: value }) : value), offset: String(10 + index), timestamp: '0', headers: {},
  })), // prettier-ignore
  from: 10,
  to: 10 + values.length,
});
const numbersOf = (batch: Batch<unknown>) => batch.messages.map(({ value }) => (value as { n: number }).n);

describe('BatchWorker', () => {
  let publisher: RecordingPublisher;
  let moved: [number, number][];
  let seen: number[][];
  let stop: AbortController;

  beforeEach(() => {
    publisher = new RecordingPublisher();
    [moved, seen] = [[], []];
    stop = new AbortController();
  });

  const move = async ({ from, to }: Position) => {
    moved.push([from, to]);
  };
  const worker = (handle: Handle, over: { publisher?: RecordingPublisher; patienceMs?: number } = {}) =>
    new BatchWorker({
      group: 'counter',
      schema: 's',
      handle,
      decode: decoderOf([numbers]),
      brake: new Brake('counter'),
      deadLetters: new DeadLetterBox({
        consumer: 'counter',
        publisher: over.publisher ?? publisher,
        log: silent,
        count: () => {},
      }),
      positions: { advance: move, handled: async () => {} },
      patience: { patienceMs: over.patienceMs ?? 60_000 },
      measure: () => {},
    });
  /** A handler that stores its position with its work, and fails on some numbers. */
  const failingOn =
    (...bad: number[]): Handle =>
    async (batch) => {
      seen.push(numbersOf(batch));
      if (numbersOf(batch).some((n) => bad.includes(n))) throw new TypeError(`cannot count "Ada"`);
      for (const position of batch.positions) await move(position);
    };

  it('hands the whole piece over at once, with the position that it takes the consumer to', async () => {
    await worker(failingOn()).work(piece(1, 2, 3), stop.signal);
    expect(seen).toEqual([[1, 2, 3]]);
    expect(moved).toEqual([[10, 13]]);
    expect(publisher.outgoing).toEqual([]);
  });

  it('finds the message that fails alone, sets it aside, and does the others, each once, in order', async () => {
    await worker(failingOn(2)).work(piece(1, 2, 3), stop.signal);
    expect(seen).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(moved).toEqual([[10, 11], [11, 12], [12, 13]]); // prettier-ignore
    const [letter] = publisher.outgoing;
    expect(publisher.outgoing).toHaveLength(1);
    expect(letter).toMatchObject({
      topic: deadLetters.name,
      key: '2',
      value: Buffer.from('{"n":2}'),
      headers: {
        reason: 'cannot count [...]', 'error-class': 'TypeError', consumer: 'counter', 'source-topic': 'numbers', 'source-partition': '3', 'source-offset': '11', attempts: '2',
      }, // prettier-ignore
    });
  });

  it('sets messages aside that no handler may see', async () => {
    await worker(failingOn()).work(piece(1, 'nonsense', 3), stop.signal);
    expect(seen).toEqual([[1, 3]]);
    expect(moved).toEqual([[10, 13]]);
    expect(
      publisher.outgoing.map(({ headers }) => [headers['reason'], headers['source-offset'], headers['attempts']]),
    ).toEqual([['the value is not JSON', '11', '0']]);
  });

  it('moves the position itself when a piece holds nothing for the handler', async () => {
    await worker(failingOn()).work(piece('x', 'y'), stop.signal);
    expect(seen).toEqual([]);
    expect(moved).toEqual([[10, 12]]);
  });

  it('covers the last message’s tail when it sets the last message aside', async () => {
    await worker(failingOn(3)).work({ ...piece(1, 3), to: 99 }, stop.signal);
    expect(moved).toEqual([[10, 11], [11, 99]]); // prettier-ignore
  });

  it('waits infrastructure trouble out: no message is to blame', async () => {
    let failures = 2;
    await worker(async (batch) => {
      if (failures-- > 0) throw new InfrastructureError('database away');
      await failingOn()(batch);
    }).work(piece(1, 2), stop.signal);
    expect(moved).toEqual([[10, 12]]);
    expect(publisher.outgoing).toEqual([]);
  });

  it('gives up on infrastructure after its patience, with nothing set aside', async () => {
    const error = new InfrastructureError('database away');
    const away: Handle = () => Promise.reject(error);
    await expect(worker(away, { patienceMs: 0 }).work(piece(1), stop.signal)).rejects.toBe(error);
    expect(publisher.outgoing).toEqual([]);
  });

  it('passes a lost partition on at once', async () => {
    const lost: Handle = () => Promise.reject(new PartitionLost('another owner'));
    await expect(worker(lost).work(piece(1, 2), stop.signal)).rejects.toBeInstanceOf(PartitionLost);
    expect(publisher.outgoing).toEqual([]);
  });

  it('blames nobody for what fails while it is being stopped', async () => {
    const stopped: Handle = async () => {
      stop.abort();
      throw new Error('the operation was aborted');
    };
    await expect(worker(stopped).work(piece(1, 2), stop.signal)).rejects.toBeInstanceOf(Interrupted);
    expect(publisher.outgoing).toEqual([]);
    expect(moved).toEqual([]);
  });

  it('does not move on before the dead letter is durable', async () => {
    const attempts: string[] = [];
    class Flaky extends RecordingPublisher {
      override async publish(messages: readonly Outgoing[]): Promise<void> {
        attempts.push(moved.length === 0 ? 'before' : 'after');
        if (attempts.length < 3) throw new InfrastructureError('broker away');
        await super.publish(messages);
      }
    }
    const flaky = new Flaky();
    await worker(failingOn(1), { publisher: flaky }).work(piece(1), stop.signal);
    expect(attempts).toEqual(['before', 'before', 'before']);
    expect(flaky.outgoing).toHaveLength(1);
    expect(moved).toEqual([[10, 11]]);
  });

  it('writes a letter without its content rather than none when the content is too large', async () => {
    class Small extends RecordingPublisher {
      override async publish(messages: readonly Outgoing[]): Promise<void> {
        if (messages.some(({ value }) => value !== null)) throw new MessageTooLarge('too large');
        await super.publish(messages);
      }
    }
    const small = new Small();
    await worker(failingOn(1), { publisher: small }).work(piece(1), stop.signal);
    expect(small.outgoing[0]?.headers['reason']).toContain(
      'the value of 7 bytes is too large for a dead letter and stays on numbers',
    );
  });

  describe('together', () => {
    const elsewhere = (...values: (number | string)[]): Piece => ({ ...piece(...values), partition: 4 });
    const both = (handle: Handle, first: Piece, second: Piece) => worker(handle).together([first, second], stop.signal);

    it('hands over what there is of several partitions, with a position of each', async () => {
      expect(await both(failingOn(), piece(1, 2), elsewhere(3))).toBe('done');
      expect(seen).toEqual([[1, 2, 3]]);
      expect(moved).toEqual([[10, 12], [10, 11]]); // prettier-ignore
    });

    it.each<[string, Handle, Piece]>([
      ['a message fails', () => Promise.reject(new TypeError('cannot count')), elsewhere(3)],
      ['a partition is lost', () => Promise.reject(new PartitionLost('another owner')), elsewhere(3)],
      ['a message cannot be read', async () => {}, elsewhere('nonsense')],
    ])('leaves it to each by itself when %s, with nothing set aside yet', async (_case, handle, second) => {
      expect(await both(handle, piece(1, 2), second)).toBe('apart');
      expect([moved, publisher.outgoing]).toEqual([[], []]);
    });

    it('passes the trouble of the world on, which is nobody’s fault', async () => {
      const error = new InfrastructureError('database away');
      const away = worker(() => Promise.reject(error), { patienceMs: 0 });
      await expect(away.together([piece(1), elsewhere(2)], stop.signal)).rejects.toBe(error);
    });
  });

  it('stops instead of setting aside when too many messages fail', async () => {
    const all = Array.from({ length: 30 }, (_, n) => n);
    await expect(worker(failingOn(...all)).work(piece(...all), stop.signal)).rejects.toBeInstanceOf(TooManyDeadLetters);
    expect(publisher.outgoing).toHaveLength(19);
    expect(moved).toHaveLength(19);
  });
});
