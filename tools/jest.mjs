// @ts-check
import { runCommand } from '../deploy/embedded/command.mjs';

/**
 * Runs the specs of a folder one file after the other, with their results in `<folder>/test-results.json`; true when all passed.
 * @param {string} node
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
export async function runJest(node, folder, env) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const jest = ['-c', 'jest.config.mjs', '--roots', folder, '-i', '--json', `--outputFile=${folder}/test-results.json`];
  // Jest's own report is on stderr; stdout would only repeat where the results lie.
  return (await runCommand(node, [...flags, ...jest], { env, stdio: ['ignore', 'ignore', 2] })) === 0;
}
