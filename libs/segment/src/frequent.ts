import type { At, Grain } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import { bucketOf, isInWindow, reachOf, withinReach } from './buckets.js';
import { inValueOrder, keptValue } from './told-value.js';
import { flipOfValues, type ValueAsk } from './value-asks.js';

/** Texts of so many characters are counted; longer ones are passed over. */
const MAX_TEXT = 100;
/** So many values are told apart, in a window so many of all minutes, hours or days together: the newest. */
const MAX_CELLS = 1_000;

/** A value, when it was told last in one bucket, in ms, and how often in that bucket. */
type Cell = readonly [value: ComputedValue, last: number, times: number];

/** How often a property had which value, by bucket. */
export interface Frequent {
  /** By bucket, the oldest first, and by value; null once there are more than are told apart, where no window looks at them. */
  readonly cells: readonly Cell[] | null;
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What decides how values are counted. */
export interface Ranking extends Grain {
  readonly asks: readonly ValueAsk[];
}

/** The values after one was told `times` times up to `at`, in one bucket. What is no value, or a text that is too long, changes nothing. */
export function ranked(
  before: Frequent | undefined,
  how: Ranking,
  { value: given, at, times }: { readonly value: unknown; readonly at: number; readonly times: number },
  when: At,
): Frequent | undefined {
  const value = keptValue(given, MAX_TEXT);
  if (value === undefined || before?.cells === null) return before;
  const cells = kept(before?.cells ?? [], how, when.now);
  if (at >= reachOf(when.now, how)) add(cells, how, [value, at, times]);
  return settled(newest(cells, how), how, when);
}

/** The values at a moment, without the buckets that no window will reach any more. */
export function agedFrequent({ cells }: Frequent, how: Ranking, when: At): Frequent {
  return settled(cells === null ? null : kept(cells, how, when.now), how, when);
}

/**
 * The value that was told most often in the window, or ever when that is null; of those that were told as often, the one that was told
 * last, and of those the greatest. Undefined when nothing was told, or more than is told apart.
 */
export function frequentIn({ cells }: Frequent, windowMs: number | null, now: number): ComputedValue | undefined {
  const race = new Race();
  for (const cell of cells ?? []) if (isInWindow(cell[1], windowMs, now)) race.add(cell);
  return race.leader;
}

/** Which cells are kept follows from their buckets and values alone, so it is the same in whatever order they come. */
function newest(cells: Cell[], { granularity }: Grain): readonly Cell[] | null {
  if (cells.length <= MAX_CELLS) return cells;
  return granularity === 'ever' ? null : cells.slice(-MAX_CELLS);
}

const kept = (cells: readonly Cell[], grain: Grain, now: number): Cell[] => withinReach(cells, grain, now, ([, at]) => at);

/** Most belong to the newest bucket, so the place is looked for from the end. */
function add(cells: Cell[], { granularity }: Grain, cell: Cell): void {
  const place = (other: Cell): number =>
    bucketOf(other[1], granularity) - bucketOf(cell[1], granularity) || inValueOrder(other[0], cell[0]);
  let index = cells.length;
  while (index > 0 && place(cells[index - 1] ?? cell) > 0) index--;
  const same = cells[index - 1];
  if (same !== undefined && place(same) === 0)
    cells[index - 1] = [same[0], Math.max(same[1], cell[1]), same[2] + cell[2]];
  else cells.splice(index, 0, cell);
}

function settled(cells: readonly Cell[] | null, how: Ranking, when: At): Frequent {
  if (cells === null || how.asks.length === 0) return { cells, flipsAt: null };
  const byLast = cells.toSorted((a, b) => a[1] - b[1]);
  const leaving = { lasts: byLast.map(([, last]) => last), values: leadersOf(byLast) };
  return { cells, flipsAt: flipOfValues(leaving, how.asks, when) };
}

/** Which value is in front, as counts are added one by one. */
class Race {
  private readonly totals = new Map<ComputedValue, Total>();
  private first: Total | undefined;

  get leader(): ComputedValue | undefined {
    return this.first?.value;
  }

  /** A count more can only bring its own value to the front. */
  add(cell: Cell): void {
    const total = this.totalWith(cell);
    if (this.first === undefined || leads(total, this.first)) this.first = total;
  }

  private totalWith(cell: Cell): Total {
    const [value, last, times] = cell;
    const total = this.totals.get(value);
    if (total === undefined) {
      const begun = { value, last, times };
      this.totals.set(value, begun);
      return begun;
    }
    total.last = Math.max(total.last, last);
    total.times += times;
    return total;
  }
}

interface Total {
  readonly value: ComputedValue;
  last: number;
  times: number;
}

const leads = (a: Total, b: Total): boolean =>
  a !== b && (a.times - b.times || a.last - b.last || inValueOrder(a.value, b.value)) > 0;

/** For each cell, the value that is told most often in it and all that follow. */
function leadersOf(cells: readonly Cell[]): readonly (ComputedValue | undefined)[] {
  const race = new Race();
  const leaders: (ComputedValue | undefined)[] = [];
  for (let index = cells.length - 1; index >= 0; index--) {
    const cell = cells[index];
    if (cell !== undefined) race.add(cell);
    leaders.push(race.leader);
  }
  return leaders.reverse();
}
