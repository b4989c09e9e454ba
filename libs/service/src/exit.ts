import { setTimeout as sleep } from 'node:timers/promises';
import type { Leaving, Shutdown } from './leaving.js';
import { logger } from './log.js';

const log = logger('process');
const limitMs = 25_000;

/** How the process takes its leave. */
export interface Departure {
  readonly leaving: Leaving;
  readonly shutdown: Shutdown;
  /** How long to go on answering while load balancers still send. */
  readonly delayMs: number;
}

/**
 * SIGTERM and SIGINT: everything in hand is finished and the process exits with 0, or with 1 when that takes too
 * long or something would not close. A second signal ends it at once.
 */
export function leaveOnSignals(departure: Departure): void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    void depart(departure, signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function depart({ leaving, shutdown, delayMs }: Departure, signal: NodeJS.Signals): Promise<void> {
  log.info({ signal }, 'leaving: finishing what is in hand');
  setTimeout(() => die(`not everything came to an end within ${limitMs / 1000} s`), delayMs + limitMs);
  shutdown.begin();
  await sleep(delayMs);
  const clean = await leaving.leave();
  log.info('left');
  process.exit(clean ? 0 : 1);
}

/** Ends the process at once with exit code 1 and one sentence that says why. */
export function die(sentence: string, error?: unknown): never {
  log.fatal(error === undefined ? {} : { err: error }, sentence);
  process.exit(1);
}

/** An error that nobody caught leaves unknown state behind: the process ends, and its successor reads again. */
export function dieOnUncaught(): void {
  process.on('uncaughtException', (error) => die('an error was not caught', error));
  process.on('unhandledRejection', (reason) => die('a rejection was not handled', reason));
}
