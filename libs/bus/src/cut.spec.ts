import { describe, expect, it } from '@jest/globals';
import { cut } from './cut.js';

const limits = { records: 3, bytes: 100 };
const record = (topic: string, bytes: number) => ({ topic, bytes });

describe('cut', () => {
  it.each<[string, ReturnType<typeof record>[], number, number]>([
    ['takes all that fits', [record('a', 10), record('a', 10)], 0, 2],
    [
      'ends before one record too many of a topic',
      [record('a', 1), record('a', 1), record('a', 1), record('a', 1)],
      0,
      3,
    ],
    [
      'counts each topic for itself',
      [record('a', 1), record('b', 1), record('a', 1), record('b', 1), record('a', 1), record('b', 1)],
      0,
      6,
    ],
    ['ends before the byte limit of a topic', [record('a', 60), record('b', 60), record('a', 60)], 0, 2],
    ['never passes over a record, so that order stays', [record('a', 90), record('a', 90), record('b', 1)], 0, 1],
    ['lets a record over the limit travel alone', [record('a', 500), record('a', 1)], 0, 1],
    ['ends before a record over the limit', [record('a', 1), record('a', 500)], 0, 1],
    ['goes on where the last send ended', [record('a', 90), record('a', 90), record('a', 9)], 1, 3],
  ])('%s', (_sentence, records, from, expected) => {
    expect(cut(records, from, limits)).toBe(expected);
  });
});
