// @ts-check
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../deploy/embedded/checkout.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** Every folder whose specs leave a `test-results.json`. */
export function testedFolders() {
  return ['apps', 'libs', 'test'].flatMap((parent) => {
    const dir = join(root, parent);
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `${parent}/${name}`);
  });
}

/** Removes the results of earlier runs, so that none is counted as one of this run. */
export function forgetResults() {
  for (const folder of testedFolders()) rmSync(resultsOf(folder), { force: true });
}

/** @param {string} folder */
const resultsOf = (folder) => join(root, folder, 'test-results.json');

/**
 * The counts of all results that lie there now. A spec file that could not even be loaded counts as one failed test.
 * @returns {Count}
 */
export function countResults() {
  return testedFolders().filter((folder) => existsSync(resultsOf(folder))).map(countOf).reduce(plus, none);
}

/** @type {Count} */
export const none = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} folder
 * @returns {Count}
 */
function countOf(folder) {
  const results = JSON.parse(readFileSync(resultsOf(folder), 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/**
 * @param {Count} one
 * @param {Count} other
 * @returns {Count}
 */
export function plus(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped };
}

/**
 * The counts in the report of `node --test` (its TAP form).
 * @param {string} tap
 * @returns {Count}
 */
export function countTap(tap) {
  const number = (/** @type {string} */ name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  return { passed: number('pass'), failed: number('fail') + number('cancelled'), skipped: number('skipped') + number('todo') };
}

/**
 * The line that a test run closes with.
 * @param {Count} count
 */
export function sumLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The projects with specs but without results: their tests did not run, which must not look like success. */
export function projectsWithoutResults() {
  return testedFolders().filter((folder) => !folder.startsWith('test/') && hasSpecs(join(root, folder)) && !existsSync(resultsOf(folder)));
}

/**
 * @param {string} dir
 * @returns {boolean}
 */
function hasSpecs(dir) {
  return readdirSync(dir, { withFileTypes: true }).some((entry) =>
    entry.isDirectory() ? entry.name !== 'node_modules' && entry.name !== 'dist' && hasSpecs(join(dir, entry.name)) : entry.name.endsWith('.spec.ts'));
}
