import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assign, type Capacity } from './route.js';

const open: Capacity = { closedForMs: 0, room: Infinity };
const recovering = (room: number): Capacity => ({ closedForMs: 0, room });
const closed = (closedForMs: number): Capacity => ({ closedForMs, room: 1 });

describe('assign', () => {
  it.each<[string, number[], Capacity[], number[]]>([
    ['gives everything to the first while it is open', [1, 1, 3], [open, open], [0, 0, 0]],
    ['passes over one that is closed', [1, 1], [closed(5_000), open], [1, 1]],
    ['passes over two that are closed', [1], [closed(1), closed(1), open], [2]],
    ['lets one that recovers try no more than it may', [1, 1, 1, 1], [recovering(2), open], [0, 0, 1, 1]],
    ['keeps the messages of a profile together, even if they are more than it may try', [3, 1], [recovering(1), open], [0, 1]],
    ['has one that recovers do all of it where no other is open', [1, 1, 1], [recovering(1), closed(9)], [0, 0, 0]],
    ['begins with the first where all recover and have their trial', [1, 1, 1], [recovering(1), recovering(1)], [0, 1, 0]],
    ['waits for the one that opens first', [1, 1], [closed(9_000), closed(2_000)], [1, 1]],
    ['prefers the first of two that open at once', [1], [closed(2_000), closed(2_000)], [0]],
    ['has nothing to do without messages', [], [open], []],
  ])('%s', (_sentence, groups, capacities, expected) => {
    expect(assign(groups, capacities)).toEqual(expected);
  });

  it('never gives a closed account what an open one could take', () => {
    const capacity = fc.record({ closedForMs: fc.constantFrom(0, 1, 1_000), room: fc.constantFrom(0, 1, 8, Infinity) });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), fc.array(capacity, { minLength: 1, maxLength: 4 }), (groups, capacities) => {
        const takers = assign(groups, capacities).map((index) => capacities[index]);
        const anyOpen = capacities.some(({ closedForMs }) => closedForMs === 0);
        expect(takers).toHaveLength(groups.length);
        expect(takers.every((taker) => taker !== undefined && (!anyOpen || taker.closedForMs === 0))).toBe(true);
      }),
    );
  });
});
