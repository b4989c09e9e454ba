import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

type Guard = typeof import('../../deploy/embedded/guarded.mjs') & typeof import('../../deploy/embedded/command.mjs');

/** A process that cannot outlive this one, with its output in a file. */
export type GuardedProcess = Awaited<ReturnType<Guard['spawnGuarded']>>;

/** How a process came to its end. */
export type Ending = Awaited<GuardedProcess['exited']>;

/**
 * How everything here is started, as `npm start` does it: nothing outlives whoever started it, not even when that is killed. Loaded from
 * where it lies, because a bundle of the benchmarks lies elsewhere.
 */
export async function guard(): Promise<Guard> {
  const load = (file: string) => import(pathToFileURL(resolve('deploy/embedded', file)).href);
  return { ...(await load('guarded.mjs')), ...(await load('command.mjs')) } as Guard;
}
