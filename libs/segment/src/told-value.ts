import type { ComputedValue } from '@tidings/contracts';

/** A value as a profile keeps it; undefined of what is none: texts beyond a length, lists, objects, null, numbers beyond all bounds. */
export function keptValue(value: unknown, maxLength: number): ComputedValue | undefined {
  if (typeof value === 'string') return value.length <= maxLength ? value : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'boolean' ? value : undefined;
}

const ranks = { boolean: 0, number: 1, string: 2 } as const;

const rankOf = (value: ComputedValue): number => ranks[typeof value as keyof typeof ranks];

/** An order of all values, the same everywhere: truth values, numbers, texts by their UTF-16 units. It settles what came at one moment. */
export function inValueOrder(a: ComputedValue, b: ComputedValue): number {
  const byKind = rankOf(a) - rankOf(b);
  if (byKind !== 0 || a === b) return byKind;
  return a < b ? -1 : 1;
}
