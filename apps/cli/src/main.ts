import { CommanderError } from 'commander';
import { program } from './program.js';
import { CommandFailed, UsageError } from './usage-error.js';

/** Runs the command and answers the exit code: 0 done, 1 failed, 2 not understood. */
async function run(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return 0;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) return 2;
    if (!(error instanceof CommandFailed) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return 1;
  }
}

// Whoever reads may have read enough: `tidings ... | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run();
