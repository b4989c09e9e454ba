import { bounds } from './bounds.js';

/** The value is larger than a mapping may make. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

interface Budget {
  values: number;
  units: number;
}

/**
 * A copy that is nothing but JSON: functions are left out, lists are plain lists. Shared parts are copied each time
 * that they are met, and the copy stops at the bound, so a small value cannot unfold into a huge one.
 */
export function plainValue(value: unknown): unknown {
  return copied(value, 0, { values: bounds.resultValues, units: bounds.resultUnits });
}

function copied(value: unknown, depth: number, budget: Budget): unknown {
  budget.values--;
  if (budget.values < 0 || depth > bounds.resultDepth) throw new TooLarge();
  if (typeof value === 'string') return charged(value, budget);
  if (isFunction(value)) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((item) => copied(item, depth + 1, budget) ?? null) : copiedFields(value, depth, budget);
}

function copiedFields(value: object, depth: number, budget: Budget): object {
  const fields: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const copy = copied(item, depth + 1, budget);
    if (copy !== undefined) fields.push([charged(name, budget), copy]);
  }
  // By entries, so that a field named __proto__ is a field.
  return Object.fromEntries(fields);
}

/** JavaScript's and JSONata's own, which are marked objects. */
const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && ('_jsonata_function' in value || '_jsonata_lambda' in value));

function charged(text: string, budget: Budget): string {
  budget.units -= text.length;
  if (budget.units < 0) throw new TooLarge();
  return text;
}
