/** A Monday noon in UTC, for specs in which the day does not matter. */
export const fixedNow = new Date('2026-03-02T12:00:00.000Z');

/** `fixedNow` moved by so many milliseconds, as messages carry it. */
export const instant = (afterMs = 0): string => new Date(fixedNow.getTime() + afterMs).toISOString();

/** Numbers in [0, 1) that are the same for the same seed; print the seed where a test fails. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
