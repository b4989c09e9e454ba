// @ts-check
import { stopCommands } from '../deploy/embedded/command.mjs';
import { stopAllGuarded } from '../deploy/embedded/guarded.mjs';
import { whenNpmDies } from '../deploy/embedded/processes.mjs';
import { exitWith } from '../deploy/embedded/refusal.mjs';

/** Progress of a tool, on stderr: its stdout belongs to what it runs. */
export const log = (/** @type {string} */ line) => console.error(`tidings: ${line}`);

/** @param {number} since */
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs one named step and says how long it took; true when it went well.
 * @param {string} name
 * @param {() => Promise<boolean>} work
 */
export async function step(name, work) {
  const began = Date.now();
  log(`${name} ...`);
  const ok = await work();
  log(`${name} ${ok ? 'ok' : 'FAILED'} (${seconds(began)})`);
  return ok;
}

/**
 * Runs a tool's main function and exits with its code, whatever happens leaving no broker and no database behind: Ctrl-C, SIGTERM
 * or the end of npm stop the command that runs now, then the servers.
 * @param {() => Promise<number>} main
 */
export async function runTool(main) {
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) return;
    interrupted = true;
    stopCommands();
    // What is under way ends by itself soon; a step that does not is left to its guard.
    setTimeout(() => void stopAllGuarded().then(() => process.exit(130)), 5_000);
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, interrupt);
  whenNpmDies(interrupt);
  const guarded = async () => {
    try {
      const code = await main();
      return interrupted ? 130 : code;
    } finally {
      await stopAllGuarded();
    }
  };
  await exitWith(guarded());
}
