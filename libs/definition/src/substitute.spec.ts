import { describe, expect, it } from '@jest/globals';
import { canonical } from './canonical.js';
import { substitute } from './substitute.js';

describe('substitute', () => {
  it('puts variables in, keeps the type of a variable that stands alone, and leaves Liquid alone', () => {
    const { value, problems } = substitute({ steps: [{ delay: '${wait}', times: '${times}', text: 'in ${wait}, {{ profile.name }}' }] }, { wait: '10s', times: 3 });
    expect(problems).toEqual([]);
    expect(value).toEqual({ steps: [{ delay: '10s', times: 3, text: 'in 10s, {{ profile.name }}' }] });
  });

  it('names the place of a variable that is not defined, also of one that every object inherits', () => {
    const { problems } = substitute({ steps: [{ delay: '${soon}' }], name: '${constructor}' }, {});
    expect(problems.map(({ place }) => place)).toEqual(['steps[0].delay', 'name']);
  });
});

describe('canonical', () => {
  it('is the same for the same in another order, and differs for another order of a list', () => {
    expect(canonical({ a: 1, b: { d: 2, c: 3 } })).toBe(canonical({ b: { c: 3, d: 2 }, a: 1 }));
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });
});
