/** A window is cut into so many slots, and what was kept of it is bounded by that. */
const SLOTS = 30;
/** What a slot takes: its number, and as ms from its beginning the first and last moment before the border, and the last behind it; -1 for none. */
const WIDTH = 4;
const NONE = -1;

/** Where somebody was of a border, and when it was last crossed. */
export interface Crossed {
  /** Slots after each other, the oldest first. */
  readonly slots: readonly number[];
  /** The last moment behind the border in the slot in which it was last crossed; null when that is too long ago, or never was. */
  readonly crossedAt: number | null;
  /** The moment at which that is too long ago. */
  readonly flipsAt: number | null;
}

/** How long ago a border may have been crossed. */
export interface Crossing {
  readonly lastMs: number;
}

/** The crossings after somebody was before the border or behind it at `at`, as they are at `now`. */
export function crossed(before: Crossed | undefined, how: Crossing, isBehind: boolean, at: number, now: number): Crossed {
  const slots = [...(before?.slots ?? [])];
  add(slots, at, slotMs(how), isBehind);
  return agedCrossing({ slots, crossedAt: null, flipsAt: null }, how, now);
}

/** The crossings at `now`: without slots that lie too far back, but for the newest of them, which says on which side the window began. */
export function agedCrossing(before: Crossed | undefined, how: Crossing, now: number): Crossed {
  const sizeMs = slotMs(how);
  const slots = reaching(before?.slots ?? [], now - how.lastMs, sizeMs);
  const last = lastCrossing(slots, sizeMs);
  if (last === null || last + how.lastMs <= now) return { slots, crossedAt: null, flipsAt: null };
  return { slots, crossedAt: last, flipsAt: last + how.lastMs };
}

/** The points of somebody who was never on the inner side of a border, which are the same of all such borders. */
export const passed = (before: Crossed | undefined, how: Crossing, at: number, now: number): Crossed => crossed(before, how, false, at, now);

/** What is kept of a border that leads in or out, of somebody who was always outside of it, by all points that are kept of them. */
export const alwaysOutside = (points: Crossed | undefined, into: boolean): Crossed | undefined =>
  points === undefined || into ? points : { ...points, slots: turned(points.slots) };

/** Whether anything is kept of the inner side of a border that leads in or out; if not, it is what all points tell. */
export function wasInside({ slots }: Crossed, into: boolean): boolean {
  for (let index = into ? 3 : 1; index < slots.length; index += WIDTH) if (slots[index] !== NONE) return true;
  return false;
}

/** What was before the border is behind it. */
function turned(slots: readonly number[]): readonly number[] {
  const others: number[] = [];
  for (let index = 0; index < slots.length; index += WIDTH) {
    const { slot, last } = slotAt(slots, index);
    others.push(slot, NONE, NONE, last);
  }
  return others;
}

/** Slots of one window are the same for everybody, so that it does not matter when what was heard. */
const slotMs = ({ lastMs }: Crossing): number => Math.ceil(lastMs / SLOTS);

function add(slots: number[], at: number, sizeMs: number, isBehind: boolean): void {
  const slot = Math.floor(at / sizeMs);
  let index = slots.length - WIDTH;
  while (index >= 0 && (slots[index] ?? 0) > slot) index -= WIDTH;
  if (index < 0 || slots[index] !== slot) {
    index += WIDTH;
    slots.splice(index, 0, slot, NONE, NONE, NONE);
  }
  const { first, last, behind } = slotAt(slots, index);
  const moment = at - slot * sizeMs;
  if (isBehind) slots[index + 3] = Math.max(behind, moment);
  else slots.splice(index + 1, 2, first === NONE ? moment : Math.min(first, moment), Math.max(last, moment));
}

function slotAt(slots: readonly number[], index: number) {
  const [slot = 0, first = NONE, last = NONE, behind = NONE] = slots.slice(index, index + WIDTH);
  return { slot, first, last, behind };
}

function reaching(slots: readonly number[], horizon: number, sizeMs: number): readonly number[] {
  let first = 0;
  while (first + WIDTH < slots.length && ((slots[first] ?? 0) + 1) * sizeMs <= horizon) first += WIDTH;
  const isPast = first > 0 && ((slots[first] ?? 0) + 1) * sizeMs > horizon;
  const from = isPast ? first - WIDTH : first;
  return from === 0 ? slots : slots.slice(from);
}

/**
 * The border was crossed in a slot when a moment behind it follows one before it, in the slot or at the end of the one before.
 * At one moment somebody may be said to be on both sides: then whatever follows it has come from both.
 */
function lastCrossing(slots: readonly number[], sizeMs: number): number | null {
  let crossedAt: number | null = null;
  let wasBefore = false;
  for (let index = 0; index < slots.length; index += WIDTH) {
    const { slot, first, last, behind } = slotAt(slots, index);
    if (behind !== NONE && (wasBefore || (first !== NONE && first < behind))) crossedAt = slot * sizeMs + behind;
    wasBefore = last !== NONE && last >= behind;
  }
  return crossedAt;
}
