const firstMs = 2_000;
const longestMs = 15 * 60_000;

/** How long to wait after the `count`-th failure: exponential up to 15 minutes, full jitter, at least half a second. */
export function backoffMs(count: number, chance: number): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(count - 1, 20));
  return Math.round(500 + chance * (ceilingMs - 500));
}
