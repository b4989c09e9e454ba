// @ts-check

/** Why a command stops, as one sentence for the person who ran it: printed without a stack, exit code 1. */
export class Refusal extends Error {
  name = 'Refusal';
}

/**
 * Ends a command's main function: an expected failure is printed as its sentence, a bug with its stack.
 * @param {Promise<number | void>} command resolves to the exit code
 * @returns {Promise<never>}
 */
export async function exitWith(command) {
  try {
    process.exit((await command) ?? 0);
  } catch (error) {
    if (error instanceof Refusal) console.error(`\n${error.message}`);
    else if (hasCode(error, 'ENOSPC')) console.error('\nThe disk is full: free some space and start again.');
    else console.error(error);
    process.exit(1);
  }
}

/**
 * Whether an error carries this system code (`ENOENT`, `EACCES`, ...).
 * @param {unknown} error
 * @param {...string} codes
 */
export function hasCode(error, ...codes) {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
