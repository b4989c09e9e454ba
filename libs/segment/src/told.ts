import type { At, ToldQuestion, ValueTurns } from '@tidings/condition';
import type { ComputedValue } from '@tidings/contracts';
import { inValueOrder, keptValue } from './told-value.js';

/** Texts of so many characters are kept; longer ones are passed over. */
const MAX_TEXT = 1_000;

/** The value that a property had first, or last. */
export interface Told {
  readonly told: ComputedValue;
  /** When it was told, in ms. */
  readonly toldAt: number;
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What some condition or computed trait asks of the value. */
export interface ToldAsk {
  readonly windowMs: number | null;
  readonly turns: ValueTurns | null;
}

/** What decides which value is kept. */
export interface Telling {
  readonly of: ToldQuestion['of'];
  readonly asks: readonly ToldAsk[];
}

/**
 * What is kept after something was told at `at`. What is no value, or a text that is too long, changes nothing. Of several at
 * the first moment the least is first, at the last moment the greatest last, in whatever order they come.
 */
export function told(before: Told | undefined, how: Telling, value: unknown, at: number, when: At): Told | undefined {
  const next = keptValue(value, MAX_TEXT);
  if (next === undefined || (before !== undefined && !replaces(before, how, next, at))) return before;
  return agedTold({ told: next, toldAt: at, flipsAt: null }, how, when);
}

/** The value with the moment that comes next, by the calendar of a zone. */
export function agedTold({ told: value, toldAt }: Told, { asks }: Telling, when: At): Told {
  const ends = asks.map(({ windowMs }) => (windowMs === null ? 0 : toldAt + windowMs));
  const turns = asks.map((ask) => ask.turns?.(value, when) ?? 0);
  const ahead = [...ends, ...turns].filter((moment) => moment > when.now);
  return { told: value, toldAt, flipsAt: ahead.length === 0 ? null : Math.min(...ahead) };
}

function replaces(before: Told, { of }: Telling, value: ComputedValue, at: number): boolean {
  const later = at - before.toldAt || inValueOrder(value, before.told);
  return of === 'first' ? later < 0 : later > 0;
}
