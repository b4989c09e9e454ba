import { pause } from './retrying.js';

/** Of the most messages of a batch: as much is worth a batch at once. */
const LITTLE = 0.25;

/**
 * Waits for work on what a fetch brought of a partition, and then a little longer if that was little. The next fetch begins when
 * this one's work is done, so a steady stream would come in ever smaller batches, each at the price of a whole one. What is
 * done is not delayed by this: only what comes meanwhile, which then comes together.
 */
export async function paced(
  work: Promise<void>,
  { records, maxBatch, paceMs, signal }: { readonly records: number; readonly maxBatch: number; readonly paceMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const beganAt = performance.now();
  await work;
  const left = beganAt + paceMs - performance.now();
  if (left > 0 && records < maxBatch * LITTLE) await pause(left, signal);
}
