import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Joint } from './batch-worker.js';
import type { Piece } from './kafka-record.js';
import { PieceJoiner } from './piece-joiner.js';

const piece = (partition: number, records = 10): Piece => ({
  topic: 't',
  partition,
  records: Array.from({ length: records }, (_, offset) => ({ key: null, value: null, offset: String(offset), timestamp: '0' })),
  from: 0,
  to: records,
});

describe('PieceJoiner', () => {
  let batches: number[][];
  let open: (() => void)[];
  let joint: (partitions: number[]) => Promise<Joint>;
  let alone: (partition: number) => Promise<void>;
  let generation: AbortSignal;

  beforeEach(() => {
    [batches, open] = [[], []];
    generation = new AbortController().signal;
    joint = async () => 'done';
    alone = async () => {};
  });

  const joiner = (maxBatch = 100, concurrency = 1) =>
    new PieceJoiner({
      maxBatch,
      concurrency,
      worker: {
        together: async (pieces) => {
          batches.push(pieces.map(({ partition }) => partition));
          return joint(pieces.map(({ partition }) => partition));
        },
        work: async ({ partition }) => {
          batches.push([partition]);
          await alone(partition);
        },
      },
    });
  /** Work that goes on until it is let go. */
  const held = async (): Promise<'done'> => {
    await new Promise<void>((resolve) => open.push(resolve));
    return 'done';
  };
  const letGo = async () => {
    for (const resolve of open.splice(0)) resolve();
    await turn();
    await turn();
  };

  it('makes one batch of what came of several partitions', async () => {
    const join = joiner();
    await Promise.all([0, 1, 2].map((partition) => join.work(piece(partition), generation)));
    expect(batches).toEqual([[0, 1, 2]]);
  });

  it('makes no batch larger than it may be, and a piece of that size goes alone', async () => {
    const join = joiner(25);
    await Promise.all([piece(0), piece(1), piece(2), piece(3, 25), piece(4)].map((each) => join.work(each, generation)));
    expect(batches).toEqual([[0, 1], [2], [3], [4]]); // prettier-ignore
  });

  it('works on so many batches at a time, and joins what came meanwhile', async () => {
    joint = held;
    const join = joiner(20, 1);
    const all = [0, 1, 2, 3, 4, 5].map((partition) => join.work(piece(partition), generation));
    await turn();
    await turn();
    expect(batches).toEqual([[0, 1]]);
    await letGo();
    expect(batches).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    await letGo();
    await letGo();
    await Promise.all(all);
    expect(batches).toHaveLength(3);
  });

  it('does each piece by itself when the fault is one of theirs, and only that one fails', async () => {
    joint = async () => 'apart';
    const poison = new Error('too many dead letters');
    alone = async (partition) => {
      if (partition === 1) throw poison;
    };
    const join = joiner();
    const settled = await Promise.allSettled([0, 1, 2].map((partition) => join.work(piece(partition), generation)));
    expect(batches).toEqual([[0, 1, 2], [0], [1], [2]]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: poison });
  });

  it('fails all of them when the world does', async () => {
    const away = new Error('database away');
    joint = () => Promise.reject(away);
    const join = joiner();
    const settled = await Promise.allSettled([0, 1].map((partition) => join.work(piece(partition), generation)));
    expect(settled).toMatchObject([{ reason: away }, { reason: away }]);
    expect(batches).toEqual([[0, 1]]);
  });

  it('does not join pieces of different generations: they end at different times', async () => {
    const join = joiner();
    const next = new AbortController().signal;
    await Promise.all([join.work(piece(0), generation), join.work(piece(1), next)]);
    expect(batches).toEqual([[0], [1]]); // prettier-ignore
  });
});
