/** So many moments of each step are looked at, the newest. */
const MAX_MOMENTS = 100;

/** What was done of a sequence. */
export interface Followed {
  /** A moment in ms, the steps that it may be as bits, the next moment, its steps; the oldest first. */
  readonly seen: readonly number[];
  /** When the sequence was last completed. */
  readonly completedAt: number | null;
  /** The moment at which that is too long ago. */
  readonly flipsAt: number | null;
}

/** How a sequence goes. */
export interface Following {
  /** How many steps it has; what must not come between is told by the bits above theirs. */
  readonly steps: number;
  readonly withinMs: number;
  readonly lastMs: number;
}

/** The sequence after something was done at `at` that may be these steps, as it is at `now`. */
export function followed(
  before: Followed | undefined,
  how: Following,
  mask: number,
  at: number,
  now: number,
): Followed {
  const seen = [...(before?.seen ?? [])];
  add(seen, at, mask);
  return agedSequence({ seen, completedAt: null, flipsAt: null }, how, now);
}

/** The sequence at `now`. */
export function agedSequence(before: Followed | undefined, how: Following, now: number): Followed {
  const seen = newest(within(before?.seen ?? [], now - how.lastMs - how.withinMs));
  const completedAt = lastCompletion(seen, how);
  const ends = completedAt === null ? Infinity : completedAt + how.lastMs;
  return { seen, completedAt, flipsAt: ends > now && ends !== Infinity ? ends : null };
}

function add(seen: number[], at: number, mask: number): void {
  let index = seen.length - 2;
  while (index >= 0 && (seen[index] ?? 0) > at) index -= 2;
  if (index >= 0 && seen[index] === at) seen[index + 1] = (seen[index + 1] ?? 0) | mask;
  else seen.splice(index + 2, 0, at, mask);
}

/** What is later than the horizon: no sequence that still counts began before. */
function within(seen: readonly number[], horizon: number): readonly number[] {
  let first = 0;
  while (first < seen.length && (seen[first] ?? 0) <= horizon) first += 2;
  return first === 0 ? seen : seen.slice(first);
}

/** At most so many moments for each bit. */
function newest(seen: readonly number[]): readonly number[] {
  if (seen.length / 2 <= MAX_MOMENTS) return seen;
  const counts = new Map<number, number>();
  const kept: number[] = [];
  for (let index = seen.length - 2; index >= 0; index -= 2) {
    const mask = counted(seen[index + 1] ?? 0, counts);
    if (mask !== 0) kept.unshift(seen[index] ?? 0, mask);
  }
  return kept;
}

/** The bits of the mask that are not full yet, counted. */
function counted(mask: number, counts: Map<number, number>): number {
  let left = 0;
  for (let bit = 1; bit <= mask; bit <<= 1) {
    const count = counts.get(bit) ?? 0;
    if ((mask & bit) === 0 || count >= MAX_MOMENTS) continue;
    counts.set(bit, count + 1);
    left |= bit;
  }
  return left;
}

/**
 * When the sequence was last completed. For each number of steps done, the latest moment at which such a beginning can
 * have begun is enough: it is the nearest to whatever ends it, and the least likely to have something between.
 */
function lastCompletion(seen: readonly number[], { steps, withinMs }: Following): number | null {
  const begun: (number | null)[] = Array.from({ length: steps }, () => null);
  let completedAt: number | null = null;
  for (let index = 0; index < seen.length; index += 2) {
    const at = seen[index] ?? 0;
    const mask = seen[index + 1] ?? 0;
    const start = begun[steps - 2] ?? null;
    if ((mask & (1 << (steps - 1))) !== 0 && start !== null && at - start <= withinMs) completedAt = at;
    advance(begun, mask, at);
    if (mask >= 1 << steps) interrupt(begun, at);
  }
  return completedAt;
}

/** Later steps first, so that one moment is not two steps. */
function advance(begun: (number | null)[], mask: number, at: number): void {
  for (let step = begun.length - 2; step > 0; step--) {
    const start = begun[step - 1] ?? null;
    if ((mask & (1 << step)) !== 0 && start !== null) begun[step] = Math.max(begun[step] ?? -Infinity, start);
  }
  if ((mask & 1) !== 0) begun[0] = at;
}

/** What began before is broken by something that must not come between. */
function interrupt(begun: (number | null)[], at: number): void {
  begun.forEach((start, step) => {
    if (start !== null && start < at) begun[step] = null;
  });
}
