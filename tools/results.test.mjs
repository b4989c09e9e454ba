// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTap, plus, sumLine } from './results.mjs';

test('the report of the test runner is counted, a cancelled test as a failed one', () => {
  const tap = '# tests 9\n# suites 0\n# pass 4\n# fail 1\n# cancelled 2\n# skipped 1\n# todo 1\n';
  assert.deepEqual(countTap(tap), { passed: 4, failed: 3, skipped: 2 });
});

test('the sum names what was skipped only when something was', () => {
  assert.equal(sumLine(plus({ passed: 1, failed: 0, skipped: 0 }, { passed: 2, failed: 1, skipped: 0 })), '3 passed, 1 failed');
  assert.equal(sumLine({ passed: 3, failed: 0, skipped: 2 }), '3 passed, 0 failed, 2 skipped');
});
