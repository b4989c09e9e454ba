import { describe, expect, it } from '@jest/globals';
import { topic } from '@tidings/contracts';
import Type from 'typebox';
import { batchOf } from './batch-of.js';

const numbers = topic({
  name: 'numbers',
  description: '',
  schema: Type.Object({ n: Type.Integer() }),
  key: ({ n }) => String(n),
});

describe('batchOf', () => {
  it('makes the batch that the bus would hand over', () => {
    const { messages, positions, signal } = batchOf(numbers, [{ n: 1 }, { n: 2 }], {
      position: { from: 40, consumer: 'counter' },
    });
    expect(positions).toEqual([
      { schema: 'test', consumer: 'counter', topic: 'numbers', partition: 0, from: 40, to: 42 },
    ]);
    expect(messages.map(({ value, key, topic: name, offset }) => ({ value, key, name, offset }))).toEqual([
      { value: { n: 1 }, key: '1', name: 'numbers', offset: 40 },
      { value: { n: 2 }, key: '2', name: 'numbers', offset: 41 },
    ]);
    expect(signal.aborted).toBe(false);
  });
});
