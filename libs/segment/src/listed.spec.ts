import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listed, type Listed } from './listed.js';

type Word = readonly [isListed: unknown, at: number];
const after = (...words: readonly Word[]): Listed | undefined =>
  words.reduce<Listed | undefined>((before, [isListed, at]) => listed(before, isListed, at), undefined);

describe('a list', () => {
  it.each<[string, readonly Word[], boolean | undefined]>([
    ['has nobody on it of whom nothing was said', [], undefined],
    ['has those on it that were put there', [[true, 1]], true],
    ['has those no longer that were taken off', [[true, 1], [false, 2]], false],
    ['has those again that were put there again', [[true, 1], [false, 2], [true, 3]], true],
    ['goes by the latest word, not by the one that came last', [[false, 2], [true, 1]], false],
    ['has those on it that were put there and taken off at once', [[false, 1], [true, 1]], true],
    ['hears nothing else', [[true, 1], ['no', 2], [null, 3], [undefined, 4]], true],
  ])('%s', (_, words, expected) => {
    expect(after(...words)?.listed).toBe(expected);
  }); // prettier-ignore

  it('is the same in whatever order the words come', () => {
    const words = fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, (each) => {
        expect(after(...each.toReversed())).toEqual(after(...each));
        expect(after(...each.toSorted(([, a], [, b]) => a - b))).toEqual(after(...each));
      }),
    );
  });
});
