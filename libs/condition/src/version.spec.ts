import { expect, it } from '@jest/globals';
import { versionTest } from './version.js';

it.each<[string, Parameters<typeof versionTest>[0], boolean]>([
  ['3.10.1', { atLeast: '3.9' }, true],
  ['3.9', { atLeast: '3.10' }, false],
  ['3.10', { equals: '3.10.0' }, true],
  ['v3.10', { equals: '3.10' }, true],
  ['4.0.0-beta.2', { lessThan: '4' }, true],
  ['4.0.0-beta.10', { atLeast: '4.0.0-beta.9' }, true],
  ['4.0.0-1', { lessThan: '4.0.0-alpha' }, true],
  ['4.0.0-alpha', { lessThan: '4.0.0-alpha.1' }, true],
  ['4.0.0+17', { equals: '4' }, true],
  ['3.5', { atLeast: '3', lessThan: '3.5' }, false],
  ['latest', { atLeast: '0' }, false],
  ['', { lessThan: '9' }, false],
])('%s held against %j', (version, comparisons, expected) => {
  expect(versionTest(comparisons)(version)).toBe(expected);
});

it('compares what is not known with nothing', () => {
  expect(versionTest({ lessThan: '9' })(undefined)).toBe(false);
});
