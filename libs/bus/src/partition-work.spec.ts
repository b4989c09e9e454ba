import { beforeEach, describe, expect, it } from '@jest/globals';
import { Assignment, checkPosition, OwnedPartition, PositionImpossible } from './assignment.js';
import { Interrupted } from './batch-worker.js';
import { PartitionLost } from './infrastructure-error.js';
import { silent } from './kafka-settings.js';
import type { KafkaRecord, Piece } from './kafka-record.js';
import { PartitionWork } from './partition-work.js';

type Through = Parameters<PartitionWork['through']>[0];

const record = (offset: number): KafkaRecord => ({ key: null, value: null, offset: String(offset), timestamp: '0' });

describe('PartitionWork', () => {
  let resolved: string[];
  let sought: number[];
  let pieces: Piece[];
  let assignment: Assignment;
  let partition: OwnedPartition;

  beforeEach(() => {
    [resolved, sought, pieces] = [[], [], []];
    assignment = new Assignment(new Map());
    partition = new OwnedPartition('t', 0, 5, 100);
  });

  /** What a fetch at `fetchedOffset` brought: these offsets, up to and including `last`. */
  const fetched = (fetchedOffset: number, offsets: number[], last = offsets.at(-1) ?? fetchedOffset) =>
    ({
      batch: { topic: 't', partition: 0, fetchedOffset: String(fetchedOffset), highWatermark: '100', messages: offsets.map(record), lastOffset: () => String(last), firstOffset: () => String(offsets[0]) },
      resolveOffset: (offset: string) => resolved.push(offset),
    }) as object as Through; // prettier-ignore
  const work = (stored = 5, act: (piece: Piece) => void = () => {}) =>
    new PartitionWork({
      consumer: 'c',
      maxBatch: 2,
      joiner: {
        work: async (piece: Piece) => {
          act(piece);
          pieces.push(piece);
        },
      },
      positions: { load: async () => new Map([[0, stored]]) },
      seek: ({ expected }) => sought.push(expected),
      log: silent,
      patienceMs: 1000,
    });

  it('cuts a fetch into pieces that join without a gap, through holes and to the end of control records', async () => {
    await work().through(fetched(5, [6, 7, 9], 11), partition, assignment);
    expect(pieces.map(({ from, to }) => [from, to])).toEqual([[5, 8], [8, 12]]); // prettier-ignore
    expect(resolved).toEqual(['7', '11']);
    expect([partition.stored, partition.expected, partition.lag]).toEqual([12, 12, 88]);
  });

  it('stops between pieces when the partition is about to go, and counts what is done', async () => {
    await work(5, () => {
      assignment.end();
    }).through(fetched(5, [5, 6, 7, 8]), partition, assignment);
    expect(resolved).toEqual(['6']);
    expect(partition.stored).toBe(7);
  });

  it('counts nothing of a piece that was interrupted', async () => {
    await work(5, () => {
      throw new Interrupted('stop');
    }).through(fetched(5, [5, 6]), partition, assignment);
    expect([resolved, partition.stored]).toEqual([[], 5]);
  });

  it('raises the alarm when the log jumped forward', async () => {
    await expect(work().through(fetched(8, [8]), partition, assignment)).rejects.toThrow(
      'c on t/0: the log went from 5 to 8',
    );
    expect(pieces).toEqual([]);
  });

  it('goes back to where it should be when a fetch began too early', async () => {
    await work().through(fetched(3, [3, 4, 5]), partition, assignment);
    expect([pieces, sought]).toEqual([[], [5]]);
  });

  it('stores from where the position stands, past offsets that hold no messages', async () => {
    partition.expected = 9;
    await work().through(fetched(9, [9]), partition, assignment);
    expect(pieces.map(({ from, to }) => [from, to])).toEqual([[5, 10]]);
  });

  it('takes the stored position for true when its own was not', async () => {
    const moved = work(7, () => {
      throw new PartitionLost('moved');
    });
    await moved.through(fetched(5, [5, 6]), partition, assignment);
    expect([resolved, sought, partition.stored]).toEqual([[], [7], 7]);
  });
});

describe('checkPosition', () => {
  it.each([
    [
      'refuses a position before the log, saying how to go on',
      2,
      'messages 2 to 4 were deleted by retention before they were handled; to go on and accept that, set its next offset',
    ],
    [
      'refuses a position after the log',
      11,
      'the position is 11 but the log ends at 10: the topic lost messages or was created anew',
    ],
  ])('%s', (_sentence, next, sentence) => {
    expect(() => {
      checkPosition('c', 't', 0, next, { low: 5, high: 10 });
    }).toThrow(PositionImpossible);
    expect(() => {
      checkPosition('c', 't', 0, next, { low: 5, high: 10 });
    }).toThrow(sentence);
  });

  it.each([5, 7, 10])('accepts %d within 5 to 10', (next) => {
    expect(() => {
      checkPosition('c', 't', 0, next, { low: 5, high: 10 });
    }).not.toThrow();
  });
});
